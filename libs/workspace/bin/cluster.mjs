/** npm run cluster: installs and builds what is missing, then runs the compiled command (see --help). */
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ensureInstalled } from './ensure-installed.mjs';

await ensureInstalled();
const { build } = await import('./build.mjs');
await build();
await import(
  pathToFileURL(join(import.meta.dirname, '..', '..', '..', 'dist', 'libs', 'workspace', 'src', 'cluster', 'main.js'))
    .href
);
