/** Writes deploy/kafka (topics as Strimzi resources, as a script, as a table) from the topic declarations. */
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { format, resolveConfig } from 'prettier';
import { build } from './build.mjs';

await build().catch((error) => console.error(`The build failed: ${error.message}`));
const root = join(import.meta.dirname, '..', '..', '..');
const program = join(root, 'dist', 'libs', 'workspace', 'src', 'kafka-topics', 'render-topics.js');
const { renderTopicFiles } = await import(pathToFileURL(program).href);
const folder = join(root, 'deploy', 'kafka');
mkdirSync(folder, { recursive: true });
for (const file of renderTopicFiles()) {
  const path = join(folder, file.name);
  const style = await resolveConfig(path);
  writeFileSync(path, file.executable ? file.text : await format(file.text, { ...style, filepath: path }));
  chmodSync(path, file.executable ? 0o755 : 0o644);
}
