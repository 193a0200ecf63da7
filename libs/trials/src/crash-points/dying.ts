import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import type { CrashPointName } from '@fanin/kernel';
import type { EmbeddedSystem } from '../system/embedded-system.js';
import type { ClusterSystem } from '../system/cluster-system.js';
import type { Part } from '../system/system.js';

export type CrashSystem = EmbeddedSystem | ClusterSystem;

/** How a process ended that was to die at a point. */
export interface Death {
  /** It said so on standard error and was gone by SIGKILL. */
  readonly isReached: boolean;
  /** Null after a signal. */
  readonly code: number | null;
  readonly how: string;
}

/** A process on its way to its crash point. */
export interface Condemned {
  /** Resolves when it answers, or with its death when that came first. */
  readonly started: Promise<Death | undefined>;
  readonly death: Promise<Death>;
}

function childOf(system: CrashSystem, part: Part): ChildProcess {
  return 'program' in system ? system.program().child : system.process(part);
}

/** Starts a dead part again, with the point at which it is to die. */
export function condemn(system: CrashSystem, part: Part, point: CrashPointName, passing: number): Condemned {
  const before = childOf(system, part);
  const reviving = system.revive(part, { FANIN_CRASH_POINT: `${point}:${passing}` });
  const child = childOf(system, part);
  if (child === before) throw new Error(`${part} runs still: nothing was started`);
  const death = deathAt(child, `${point}:${passing}`);
  const isDead = (): boolean => child.exitCode !== null || child.signalCode !== null;
  const started = reviving.then(
    () => undefined,
    () => (isDead() ? death : undefined),
  );
  return { started, death };
}

/** How a process ends that was started with a crash point. */
export async function deathAt(child: ChildProcess, wish: string): Promise<Death> {
  let said = '';
  child.stderr?.on('data', (chunk: Buffer) => (said += chunk.toString()));
  const [code, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null];
  const isReached = signal === 'SIGKILL' && said.includes(`crash point ${wish} reached`);
  return { isReached, code, how: isReached ? said.trim() : `ended with ${signal ?? code}: ${said.slice(-500)}` };
}
