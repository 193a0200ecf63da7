import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** What `DIR/services.json` says; other commands of the repository read `brokers` and `database_url` from it. */
export interface ServicesState {
  /** Bootstrap addresses, host:port. */
  readonly brokers: readonly string[];
  readonly database_url: string;
  /** The process that holds both; they end with it. */
  readonly supervisor_pid: number;
  readonly broker_pids: readonly number[];
  readonly postgres_pid: number;
  readonly started_at: string;
}

const fileOf = (dir: string): string => join(dir, 'services.json');
const pidFileOf = (dir: string): string => join(dir, 'supervisor.pid');
export const logFileOf = (dir: string): string => join(dir, 'services.log');

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Undefined when nothing was started here, or what was has ended without a word. */
export function readState(dir: string): ServicesState | undefined {
  if (!existsSync(fileOf(dir))) return undefined;
  const state = JSON.parse(readFileSync(fileOf(dir), 'utf8')) as ServicesState;
  return isAlive(state.supervisor_pid) ? state : undefined;
}

/** Appears whole, and only for its owner: the URL holds a password. */
export function writeState(dir: string, state: ServicesState): void {
  const partial = `${fileOf(dir)}.${process.pid}`;
  writeFileSync(partial, `${JSON.stringify(state, undefined, 2)}\n`, { mode: 0o600 });
  renameSync(partial, fileOf(dir));
}

export function removeState(dir: string): void {
  rmSync(fileOf(dir), { force: true });
  rmSync(pidFileOf(dir), { force: true });
}

/** The supervisor of this folder, running or just starting. */
export function supervisorOf(dir: string): number | undefined {
  if (!existsSync(pidFileOf(dir))) return undefined;
  const pid = Number(readFileSync(pidFileOf(dir), 'utf8'));
  return Number.isInteger(pid) && pid > 0 && isAlive(pid) ? pid : undefined;
}

export function writeSupervisor(dir: string, pid: number): void {
  writeFileSync(pidFileOf(dir), String(pid));
}
