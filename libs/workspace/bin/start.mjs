/**
 * npm start [-- OPTIONS]: installs and builds what is missing, then runs everything in this process. Nothing but Node and
 * npm is needed; `npm start -- --help` lists the options.
 */
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ensureInstalled } from './ensure-installed.mjs';

const root = join(import.meta.dirname, '..', '..', '..');
const say = (line) => console.log(line);
const seconds = (since) => `${((Date.now() - since) / 1000).toFixed(1)} s`;

async function prepare() {
  const began = Date.now();
  if (await ensureInstalled({ onProgress: say })) say(`Installed in ${seconds(began)}.`);
  // Only now: the build needs what was installed.
  const { build } = await import('./build.mjs');
  const building = Date.now();
  const { compiled } = await build({ onProgress: say });
  if (compiled > 0) say(`Built ${compiled} files in ${seconds(building)}.`);
}

try {
  await prepare();
} catch (error) {
  console.error(error.message);
  process.exit(1);
}
process.setSourceMapsEnabled(true);
await import(pathToFileURL(join(root, 'dist', 'apps', 'standalone', 'src', 'main.js')).href);
