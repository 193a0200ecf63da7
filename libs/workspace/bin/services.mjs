/** npm run services: builds what is stale, then runs the compiled command (see --help). */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from './build.mjs';

const program = join(import.meta.dirname, '..', '..', '..', 'dist', 'libs', 'workspace', 'src', 'services', 'main.js');
try {
  await build();
} catch (error) {
  // Code that does not build just now must not keep anybody from stopping what runs.
  if (!existsSync(program)) throw error;
  console.error(
    `The build failed (${error instanceof Error ? error.message.split('\n')[0] : error}); running what was built before.`,
  );
}
await import(pathToFileURL(program).href);
