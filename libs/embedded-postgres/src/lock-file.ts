import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { readFile, readlink, realpath, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** What `postmaster.pid` says (PostgreSQL, src/include/utils/pidfile.h: pid, data folder, start, port, …, status). */
export interface Postmaster {
  readonly pid: number;
  readonly port: number;
  readonly ready: boolean;
}

export async function readPostmaster(cluster: string): Promise<Postmaster | undefined> {
  const lines = (await readFile(join(cluster, 'postmaster.pid'), 'utf8').catch(() => '')).split('\n');
  const pid = Math.abs(Number.parseInt(lines[0] ?? '', 10));
  if (!Number.isInteger(pid) || pid === 0) return undefined;
  return { pid, port: Number(lines[3] ?? 0), ready: lines[7]?.trim() === 'ready' };
}

/** Ended, but not yet fetched by its parent: in a container whose first process fetches nobody it stays so for ever. */
function isZombie(pid: number): boolean {
  try {
    return /\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false;
  }
  return !isZombie(pid);
}

async function commandOf(pid: number): Promise<string> {
  return new Promise((resolve) => {
    execFile('ps', ['-o', 'command=', '-p', String(pid)], (error, stdout) => resolve(error === null ? stdout : ''));
  });
}

/** Whether the process is really the server of this folder: after a kill or a reboot its number may be another's. */
export async function isServerOf(cluster: string, pid: number): Promise<boolean> {
  if (!isAlive(pid)) return false;
  if (process.platform !== 'linux') return (await commandOf(pid)).includes('postgres');
  // The server's working folder is its data folder. When we may not look, the command line decides.
  const folder = await readlink(`/proc/${pid}/cwd`).catch(() => undefined);
  if (folder !== undefined) return folder === (await realpath(cluster).catch(() => cluster));
  const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
  return command.includes('postgres');
}

export async function removeStaleLock(cluster: string): Promise<void> {
  await rm(join(cluster, 'postmaster.pid'), { force: true });
}

/** A process' number alone may be given out again; together with its start it names one process. */
async function identityOf(pid: number): Promise<string> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  // proc(5): field 22 is the start time; the name in field 2 may hold spaces, so count behind its bracket.
  const started = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
  return `${pid} ${started}`;
}

/** The process that started the server and will stop it; undefined when that process is gone. */
export async function liveOwner(file: string): Promise<number | undefined> {
  const identity = (await readFile(file, 'utf8').catch(() => '')).trimEnd();
  const pid = Number.parseInt(identity, 10);
  if (!Number.isInteger(pid) || !isAlive(pid)) return undefined;
  return (await identityOf(pid)).trimEnd() === identity ? pid : undefined;
}

export async function writeOwner(file: string): Promise<void> {
  await writeFile(file, `${await identityOf(process.pid)}\n`, { mode: 0o644 });
}
