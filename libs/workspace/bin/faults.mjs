/** npm run faults: installs and builds what is missing, then runs the compiled command (see --help). */
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ensureInstalled } from './ensure-installed.mjs';

await ensureInstalled();
const { build } = await import('./build.mjs');
await build();
const command = join(import.meta.dirname, '..', '..', '..', 'dist', 'libs', 'trials', 'src', 'faults', 'main.js');
const { main } = await import(pathToFileURL(command).href);
process.exitCode = await main(process.argv.slice(2));
