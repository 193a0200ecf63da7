import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { artifactsOf, layOut, type Artifact } from './artifacts.js';
import { baselineArtifacts, breaksAgainstBaseline } from './baseline.js';
import { brokenPromises, MANIFEST_FILE, readExamples, type ExampleManifest } from './example-manifest.js';

export interface UpdateResult {
  /** Files that changed, relative to the folder. */
  readonly written: readonly string[];
  /** Breaks of released versions; when there are any, nothing was written. */
  readonly refused: readonly string[];
}

/** Brings the generated files below `folder` (libs/contracts) up to date. */
export async function update(folder: string, { release }: { readonly release: boolean }): Promise<UpdateResult> {
  const examples = join(folder, 'src', 'examples');
  const present = readExamples(examples);
  const refused = [...breaksAgainstBaseline(folder), ...brokenPromises(readManifest(examples), present)];
  if (refused.length > 0) return { written: [], refused };
  const manifest = {
    path: `src/examples/${MANIFEST_FILE}`,
    text: await layOut(`${folder}/manifest.json`, JSON.stringify(present)),
  };
  const artifacts = [...(await artifactsOf(folder)), manifest, ...(release ? await baselineArtifacts(folder) : [])];
  return { written: artifacts.filter((artifact) => writeIfChanged(folder, artifact)).map(({ path }) => path), refused };
}

export function readManifest(examples: string): ExampleManifest {
  const path = join(examples, MANIFEST_FILE);
  return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as ExampleManifest) : {};
}

function writeIfChanged(folder: string, { path, text }: Artifact): boolean {
  const file = join(folder, path);
  if (existsSync(file) && readFileSync(file, 'utf8') === text) return false;
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
  return true;
}
