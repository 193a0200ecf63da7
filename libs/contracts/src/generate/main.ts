/**
 * Writes the golden schemas, asyncapi.yaml and the manifest of examples. With --release the schemas as they are now also
 * become the released form (src/baseline) that later changes are held against. Refuses what breaks a released version.
 *
 * Usage, from the root of the repository: npm run contracts:update [-- --release]
 */
import { resolve } from 'node:path';
import { update } from './update.js';

const { written, refused } = await update(resolve('libs/contracts'), { release: process.argv.includes('--release') });
for (const path of written) console.log(`written: libs/contracts/${path}`);
if (refused.length === 0)
  console.log(
    written.length === 0 ? 'contracts: everything was current' : `contracts: ${written.length} files written`,
  );
else {
  console.error(
    [
      'These changes break a released version; make them in a new version (see libs/contracts/README.md):',
      ...refused.map((line) => `  ${line}`),
    ].join('\n'),
  );
  process.exitCode = 1;
}
