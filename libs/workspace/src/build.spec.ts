import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, readdirSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';

const ROOT = join(import.meta.dirname, '..', '..', '..');
const ALIASES = join(ROOT, 'dist', 'node_modules', '@fanin');
/** Its files are made older than their sources, so that each build compiles them, to what they are already. */
const STALE = join(ROOT, 'dist', 'libs', 'contracts', 'src', 'events');
const staleFiles = (): string[] => readdirSync(STALE).filter((name) => name.endsWith('.js'));

/** What Node reads when a program imports `@fanin/x`. */
function read(): void {
  for (const name of readdirSync(ALIASES)) JSON.parse(readFileSync(join(ALIASES, name, 'package.json'), 'utf8'));
  for (const name of staleFiles())
    expect(readFileSync(join(STALE, name), 'utf8').endsWith(`sourceMappingURL=${name}.map\n`)).toBe(true);
}

async function build(...options: readonly string[]): Promise<number> {
  const program = join(ROOT, 'libs', 'workspace', 'bin', 'build.mjs');
  const child = spawn(process.execPath, [program, ...options], { stdio: 'ignore' });
  const [code] = (await once(child, 'exit')) as [number];
  return code;
}

describe('the build', () => {
  it('shows nobody half of a file, with others beside it', async () => {
    expect(await build()).toBe(0);
    for (const name of staleFiles()) utimesSync(join(STALE, name), 0, 0);
    let building = true;
    const codes = Promise.all(Array.from({ length: 4 }, () => build())).finally(() => (building = false));
    let reads = 0;
    for (; building; reads += 1) {
      read();
      await nextTurn();
    }
    expect(await codes).toEqual([0, 0, 0, 0]);
    expect(reads).toBeGreaterThan(10);
  });
});
