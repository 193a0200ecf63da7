import { setTimeout as sleep } from 'node:timers/promises';
import type { Part } from '../system/system.js';
import type { Environment } from '../system/program.js';
import { until } from '../system/until.js';
import type { Stage } from './case.js';

const LOOK_EVERY_MS = 250;
const RESTART_LIMIT_MS = 180_000;

/** What Kubernetes does: a process that left is started again, also when the start fails. Counts who left by itself. */
export class Supervisor {
  kills = 0;
  /** A line for each process that nobody killed and that left all the same. */
  readonly leftByThemselves: string[] = [];
  private readonly held = new Set<Part>();
  private readonly starting = new Map<Part, Promise<void>>();
  private over = false;
  private readonly watching: Promise<void>;

  constructor(private readonly stage: Stage) {
    this.watching = this.watch();
  }

  /** SIGKILL, then a start as soon as may be; resolves when it is ready again. */
  async killAndRevive(part: Part, downMs = 0, environment?: Environment): Promise<void> {
    this.kills += 1;
    this.held.add(part);
    try {
      await this.stage.system.kill(part);
      await sleep(downMs);
      await this.start(part, environment);
    } finally {
      this.held.delete(part);
    }
  }

  /** SIGTERM and a start, as a rollout does. Answers the exit code. */
  async restart(part: Part, environment?: Environment): Promise<number | null> {
    this.held.add(part);
    try {
      const code = await this.terminate(part);
      await this.start(part, environment);
      return code;
    } finally {
      this.held.delete(part);
    }
  }

  /** Resolves when every part runs and is ready. */
  async whole(): Promise<void> {
    await until(
      'every process runs',
      () => this.starting.size === 0 && this.stage.parts.every((part) => this.running(part)),
      RESTART_LIMIT_MS,
    );
  }

  async stop(): Promise<void> {
    this.over = true;
    await this.watching;
  }

  running(part: Part): boolean {
    const child = this.childOf(part);
    return child.exitCode === null && child.signalCode === null;
  }

  private childOf(part: Part) {
    const { cluster, embedded } = this.stage;
    const child = cluster?.process(part) ?? embedded?.program().child;
    if (child === undefined) throw new Error(`there is no ${part}`);
    return child;
  }

  private async terminate(part: Part): Promise<number | null> {
    const child = this.childOf(part);
    const gone = new Promise<number | null>((resolve) => child.once('exit', (code) => resolve(code)));
    child.kill('SIGTERM');
    return gone;
  }

  private start(part: Part, environment?: Environment): Promise<void> {
    const starting = this.tryUntilReady(part, environment).finally(() => this.starting.delete(part));
    this.starting.set(part, starting);
    return starting;
  }

  /** A start fails while what it needs is away; it is tried again as long as a patient cluster would. */
  private async tryUntilReady(part: Part, environment?: Environment): Promise<void> {
    const deadline = performance.now() + RESTART_LIMIT_MS;
    for (;;) {
      try {
        return await this.stage.system.revive(part, environment);
      } catch (error) {
        if (this.over || performance.now() > deadline) throw error;
        await sleep(1_000);
      }
    }
  }

  private async watch(): Promise<void> {
    while (!this.over) {
      for (const part of this.stage.parts) {
        if (this.over || this.held.has(part) || this.starting.has(part) || this.running(part)) continue;
        const { exitCode, signalCode } = this.childOf(part);
        this.leftByThemselves.push(`${part} left with ${exitCode ?? signalCode}`);
        void this.start(part).catch(() => undefined);
      }
      await sleep(LOOK_EVERY_MS);
    }
  }
}
