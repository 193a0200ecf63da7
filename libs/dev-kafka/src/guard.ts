import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';

/** Reads process ids line by line and, when its input ends, kills those still listed. A minus takes one off the list. */
const GUARD_PROGRAM = `
const pids = new Set();
require('node:readline').createInterface({ input: process.stdin })
  .on('line', (line) => (line.startsWith('-') ? pids.delete(Number(line.slice(1))) : pids.add(Number(line))))
  .on('close', () => { for (const pid of pids) try { process.kill(pid, 'SIGKILL'); } catch {} });
`;

/**
 * A small process that outlives a killed parent and ends the brokers then: a test runner that dies by SIGKILL must not
 * leave Java processes behind. Its input is a pipe that closes with the parent.
 */
export interface Guard {
  add(pid: number): void;
  remove(pid: number): void;
  close(): void;
}

export function startGuard(): Guard {
  const child: ChildProcess = spawn(process.execPath, ['-e', GUARD_PROGRAM], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  });
  child.on('error', () => undefined);
  child.stdin?.on('error', () => undefined);
  child.unref();
  if (child.stdin !== null && 'unref' in child.stdin && typeof child.stdin.unref === 'function') child.stdin.unref();
  return {
    add: (pid) => void child.stdin?.write(`${pid}\n`),
    remove: (pid) => void child.stdin?.write(`-${pid}\n`),
    close: () => void child.stdin?.end(),
  };
}
