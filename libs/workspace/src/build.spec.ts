import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';

const ROOT = join(import.meta.dirname, '..', '..', '..');
const ALIASES = join(ROOT, 'dist', 'node_modules', '@fanin');

/** What Node reads when a program imports `@fanin/x`. */
function readAliases(): void {
  for (const name of readdirSync(ALIASES)) JSON.parse(readFileSync(join(ALIASES, name, 'package.json'), 'utf8'));
}

async function build(): Promise<number> {
  const child = spawn(process.execPath, [join(ROOT, 'libs', 'workspace', 'bin', 'build.mjs')], { stdio: 'ignore' });
  const [code] = (await once(child, 'exit')) as [number];
  return code;
}

describe('the build', () => {
  it('shows nobody half of a file, with others beside it', async () => {
    expect(await build()).toBe(0);
    let building = true;
    const codes = Promise.all(Array.from({ length: 4 }, build)).finally(() => (building = false));
    let reads = 0;
    for (; building; reads += 1) {
      readAliases();
      await nextTurn();
    }
    expect(await codes).toEqual([0, 0, 0, 0]);
    expect(reads).toBeGreaterThan(10);
  });
});
