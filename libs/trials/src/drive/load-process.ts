import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import type { Acknowledged, Oracle } from '../oracle/oracle.js';
import type { ConversationOptions } from './conversations.js';
import type { DriveReport, Pace } from './driver.js';
import type { DoorSpec } from './open-door.js';

/** What a load process drives; `name` tells two drivers of the same kind apart. */
export interface DriveSpec extends ConversationOptions {
  readonly name: string;
  readonly door: DoorSpec;
}

/** From the parent. Every order is answered by `{ done }` with the same number. */
export type LoadOrder =
  | { readonly order: number; readonly what: 'open'; readonly drives: readonly DriveSpec[]; readonly tell: boolean }
  | { readonly order: number; readonly what: 'start'; readonly paces: Readonly<Record<string, Pace>> }
  | { readonly order: number; readonly what: 'prepare' | 'stop' | 'report' | 'reset' | 'close' };

/** To the parent. */
export type LoadNews =
  | { readonly done: number; readonly reports?: Readonly<Record<string, DriveReport>>; readonly error?: string }
  | { readonly told: readonly (readonly ['acknowledged' | 'unsure' | 'refused', Acknowledged, string?])[] };

type Unnumbered<T> = T extends unknown ? Omit<T, 'order'> : never;

/** Drivers in a process of their own, so that what they cost is not counted as the system's and does not slow a test. */
export class LoadProcess {
  private order = 0;
  private readonly waiting = new Map<number, { resolve(news: LoadNews): void; reject(error: Error): void }>();

  private constructor(
    private readonly child: ChildProcess,
    private readonly oracle: Oracle | undefined,
  ) {
    child.on('message', (news: LoadNews) => this.hear(news));
    child.on('exit', (code) => {
      for (const { reject } of this.waiting.values()) reject(new Error(`the load process ended (${code})`));
      this.waiting.clear();
    });
  }

  /** Without an oracle nothing is told of single messages: that is cheaper. */
  static async start(drives: readonly DriveSpec[], oracle?: Oracle): Promise<LoadProcess> {
    const child = fork(new URL('./load-process-main.js', import.meta.url), { execArgv: [], serialization: 'advanced' });
    const load = new LoadProcess(child, oracle);
    await load.tell({ what: 'open', drives, tell: oracle !== undefined });
    return load;
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  /** Opens what the conversations need: sockets of visitors. */
  async prepare(): Promise<void> {
    await this.tell({ what: 'prepare' });
  }

  /** Starts the drivers that are named, each with its pace. */
  async begin(paces: Readonly<Record<string, Pace>>): Promise<void> {
    await this.tell({ what: 'start', paces });
  }

  /** Resolves when what was under way is answered; every acknowledgement has been told by then. */
  stop(): Promise<Readonly<Record<string, DriveReport>>> {
    return this.tell({ what: 'stop' });
  }

  report(): Promise<Readonly<Record<string, DriveReport>>> {
    return this.tell({ what: 'report' });
  }

  async reset(): Promise<void> {
    await this.tell({ what: 'reset' });
  }

  async close(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const gone = once(this.child, 'exit');
    await this.tell({ what: 'close' });
    this.child.disconnect();
    await gone;
  }

  private async tell(order: Unnumbered<LoadOrder>): Promise<Readonly<Record<string, DriveReport>>> {
    this.order += 1;
    const number = this.order;
    const answer = new Promise<LoadNews>((resolve, reject) => this.waiting.set(number, { resolve, reject }));
    this.child.send({ ...order, order: number });
    const news = await answer;
    if ('error' in news && news.error !== undefined) throw new Error(`load process: ${news.error}`);
    return ('reports' in news ? news.reports : undefined) ?? {};
  }

  private hear(news: LoadNews): void {
    if ('done' in news) {
      this.waiting.get(news.done)?.resolve(news);
      this.waiting.delete(news.done);
      return;
    }
    for (const [what, one, how = ''] of news.told) {
      if (what === 'refused') this.oracle?.refused(one, how);
      else this.oracle?.[what](one);
    }
  }
}
