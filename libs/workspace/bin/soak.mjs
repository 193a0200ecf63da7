/** npm run soak [-- OPTIONS]: installs and builds what is missing, then drives the whole system for long (see --help). */
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ensureInstalled } from './ensure-installed.mjs';

await ensureInstalled();
const { build } = await import('./build.mjs');
await build();
const root = join(import.meta.dirname, '..', '..', '..');
await import(pathToFileURL(join(root, 'dist', 'libs', 'trials', 'src', 'soak', 'main.js')).href);
