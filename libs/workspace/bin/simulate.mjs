/** npm run simulate -- VENDOR: installs and builds what is missing, then runs a vendor on loopback (see --help). */
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ensureInstalled } from './ensure-installed.mjs';

await ensureInstalled();
const { build } = await import('./build.mjs');
await build();
const root = join(import.meta.dirname, '..', '..', '..');
await import(pathToFileURL(join(root, 'dist', 'libs', 'workspace', 'src', 'simulate', 'main.js')).href);
