import { spawn } from 'node:child_process';
import { join } from 'node:path';

const platform = join(import.meta.dirname, '..', '..', '..', '..', 'dist', 'libs', 'platform', 'src', 'index.js');

/** A service that prints, and that takes a while to stop. */
const SERVICE = `
  const { thisProcess, untilStopped, leaveWith } = await import(process.argv[1]);
  const port = thisProcess();
  const failed = new Promise(() => undefined);
  setInterval(() => port.print('still here'), 20);
  leaveWith(await untilStopped(port, {
    start: async () => ({ failed }),
    stop: () => new Promise((resolve) => setTimeout(resolve, 300)),
  }));`;

describe('a process whose output nobody reads any more', () => {
  it('ends its work and leaves with 1, whatever it still prints meanwhile', async () => {
    const child = spawn(process.execPath, ['--input-type=module', '-e', SERVICE, platform], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const exited = new Promise<number | null>((resolve) => child.once('exit', resolve));
    await new Promise((resolve) => child.stdout.once('data', resolve));
    child.stdout.destroy();
    child.stderr.destroy();
    const late = setTimeout(() => child.kill('SIGKILL'), 10_000);
    expect(await exited).toBe(1);
    clearTimeout(late);
  }, 20_000);
});
