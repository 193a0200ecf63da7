/**
 * Writes the golden schemas, asyncapi.yaml and the manifest of examples. With --release the schemas as they are now also
 * become the released form (src/baseline) that later changes are held against. Refuses what breaks a released version.
 *
 * Usage, from the root of the repository: npm run contracts:update [-- --release]
 */
import { resolve } from 'node:path';
import { update } from './update.js';

const { written, refused } = await update(resolve('libs/contracts'), { release: process.argv.includes('--release') });
const lines = written.map((path) => `written: libs/contracts/${path}`);
if (refused.length > 0) {
  lines.push(
    'These changes break a released version; make them in a new version (see libs/contracts/README.md):',
    ...refused.map((line) => `  ${line}`),
  );
  process.exitCode = 1;
} else
  lines.push(written.length === 0 ? 'contracts: everything was current' : `contracts: ${written.length} files written`);
process.stdout.write(`${lines.join('\n')}\n`);
