import { writeSync } from 'node:fs';
import { createCrashPoints, type CrashPoints } from '@fanin/kernel';

/**
 * The crash point that `FANIN_CRASH_POINT=<name>[:n]` asks for, none without it. Dies as by `kill -9`: no handler runs, no
 * buffer is written, except one line on standard error. Throws CONFIG for a name that there is not.
 */
export function crashPointsOf(env: Readonly<Record<string, string | undefined>>): CrashPoints {
  return createCrashPoints(env['FANIN_CRASH_POINT'], (line) => {
    writeSync(process.stderr.fd, `${line}\n`);
    process.kill(process.pid, 'SIGKILL');
  });
}
