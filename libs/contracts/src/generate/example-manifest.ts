import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** SHA-256 of each committed example, by its path below `examples/`. */
export type ExampleManifest = Readonly<Record<string, string>>;

export const MANIFEST_FILE = 'manifest.json';

/** The examples that are there now. Layout (spaces, line ends) does not count, every name and value does. */
export function readExamples(folder: string): ExampleManifest {
  const paths = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((path) => path.split('\\').join('/'))
    .filter((path) => /\/v\d+\/(valid|invalid)-[a-z0-9-]+\.json$/.test(path))
    .sort();
  return Object.fromEntries(paths.map((path) => [path, hashOf(readFileSync(join(folder, path), 'utf8'))]));
}

function hashOf(json: string): string {
  return createHash('sha256')
    .update(JSON.stringify(JSON.parse(json)))
    .digest('hex');
}

/** Committed examples are promises to people who wrote code against them: never edited, never deleted. */
export function brokenPromises(committed: ExampleManifest, present: ExampleManifest): string[] {
  return Object.entries(committed)
    .filter(([path, hash]) => present[path] !== hash)
    .map(
      ([path]) =>
        `${path}: ${present[path] === undefined ? 'was deleted' : 'was edited'}; committed examples stay as they are, add another one`,
    );
}
