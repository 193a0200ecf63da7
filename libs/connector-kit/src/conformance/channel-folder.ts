import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join, sep } from 'node:path';
import type { ChannelManifest } from '../manifest.js';

const REQUIRED: Readonly<Record<string, string>> = {
  'project.json': 'Nx finds the channel by it',
  'jest.config.mjs': 'the tests run by it',
  'README.md': 'what it ingests, limits, set-up at the provider, costs',
  'src/index.ts': '`export const channel = defineChannel({ manifest, Config, create })` and nothing else',
  'src/manifest.ts': 'slug, family, title, capture, capabilities, limits, sending; imports no SDK',
  'src/config.ts': 'one class, each field declared with `field.…` and a description',
  'src/capture.ts': 'one capture shape',
  'src/normalise.ts': 'pure: delivery → messages',
  'src/errors.ts': "pure: the provider's error → FaninError",
  'src/contract.spec.ts': 'calls `channelContract`',
};

/** Where a channel may reach: the libraries below it and Node. Everything else belongs into client*.ts. */
const OPEN_TO_ALL = /^(\.{1,2}\/|node:|@fanin\/(contracts|kernel|connector-kit|mail|meta|calendar)$|reflect-metadata$)/;
/** What the host gives instead. */
const BANNED = /^(@nestjs\/|kafkajs$|pg$|typeorm$|@fanin\/)/;
const PURE_FILES = /^(manifest|config|normalise|errors|index|channel)\.ts$/;
/** Only these may import a package from several places. */
const CLIENT_FILES = /^client(\/|[\w-]*\.ts$|[\w-]*\.worker\.ts$)/;
const IMPORT =
  /^\s*(?:import|export)\b(?!\s+(?:const|function|class|interface|type\s+\w+\s*=))[^;'"]*?\bfrom\s+['"]([^'"]+)['"]|^\s*import\s+['"]([^'"]+)['"]|\bimport\(\s*['"]([^'"]+)['"]\s*\)/gm;
const TYPE_ONLY = /^\s*(?:import|export)\s+type\b/;

/** What the folder of a channel lacks or has too much, each line saying what to write. Reads files, imports nothing. */
export function channelFolderProblems(folder: string, manifest?: ChannelManifest): readonly string[] {
  const missing = Object.entries(REQUIRED)
    .filter(([path]) => !existsSync(join(folder, path)))
    .map(([path, purpose]) => `${path} is missing: ${purpose}`);
  return [
    ...missing,
    ...shapeFiles(folder, manifest),
    ...fixtureFiles(folder),
    ...indexProblems(folder),
    ...specProblems(folder),
    ...importProblems(folder),
  ];
}

function shapeFiles(folder: string, manifest: ChannelManifest | undefined): string[] {
  if (manifest === undefined) return [];
  const problems: string[] = [];
  if (manifest.slug !== basename(folder))
    problems.push(
      `src/manifest.ts: slug is '${manifest.slug}' but the folder is '${basename(folder)}': they must be the same`,
    );
  if (manifest.capture === 'webhook' && !existsSync(join(folder, 'src/verify.ts')))
    problems.push('src/verify.ts is missing: a webhook proves by its signature that the provider sent it');
  const delivers = existsSync(join(folder, 'src/deliver.ts'));
  if (manifest.capabilities.includes('replies') && !delivers)
    problems.push("src/deliver.ts is missing: the manifest names the capability 'replies'");
  if (!manifest.capabilities.includes('replies') && delivers)
    problems.push("src/deliver.ts is there, but the manifest does not name the capability 'replies'");
  return problems;
}

function fixtureFiles(folder: string): string[] {
  const count = existsSync(join(folder, 'fixtures'))
    ? readdirSync(join(folder, 'fixtures')).filter((name) => name.endsWith('.json')).length
    : 0;
  return count >= 3
    ? []
    : [
        `fixtures/ holds ${count} of at least 3 *.json files: real-shaped payloads without real people, each {name, delivery, expected}`,
      ];
}

function indexProblems(folder: string): string[] {
  const text = read(join(folder, 'src/index.ts'));
  if (text === undefined) return [];
  const exported = text.split('\n').filter((line) => /^\s*export\b/.test(line) && !TYPE_ONLY.test(line));
  const right = exported.length === 1 && /^\s*export (\{ channel \} from|const channel\b)/.test(exported[0] ?? '');
  return right ? [] : ['src/index.ts must export one value, `channel`, and nothing else'];
}

function specProblems(folder: string): string[] {
  const text = read(join(folder, 'src/contract.spec.ts'));
  return text === undefined || /\bchannelContract\(/.test(text)
    ? []
    : ['src/contract.spec.ts does not call channelContract(…): the suite must run for every channel'];
}

function importProblems(folder: string): string[] {
  const source = join(folder, 'src');
  if (!existsSync(source)) return [];
  const files = readdirSync(source, { recursive: true, encoding: 'utf8' })
    .map((name) => name.split(sep).join('/'))
    .filter(
      (name) =>
        name.endsWith('.ts') &&
        !/(\.spec\.ts|\.d\.ts|spec-support\.ts)$/.test(name) &&
        !/(^|\/)(browser|testing)\//.test(name),
    );
  const importersOf = new Map<string, string[]>();
  const problems = files.flatMap((name) => {
    const text = read(join(source, name)) ?? '';
    const found = [...text.matchAll(IMPORT)].map((match) => ({
      from: match[1] ?? match[2] ?? match[3] ?? '',
      isType: TYPE_ONLY.test(match[0]),
    }));
    return found.flatMap(({ from, isType }) => {
      if (/^@fanin\/channels\//.test(from))
        return [`src/${name} imports ${from}: a channel never imports another channel`];
      if (OPEN_TO_ALL.test(from) || isType) return [];
      if (BANNED.test(from)) return [`src/${name} imports '${from}': ask the host for it instead (ChannelHost)`];
      if (PURE_FILES.test(name))
        return [`src/${name} imports '${from}': this file is pure, packages belong into src/client.ts`];
      if (!CLIENT_FILES.test(name)) importersOf.set(from, [...new Set([...(importersOf.get(from) ?? []), name])]);
      return [];
    });
  });
  const shared = [...importersOf].filter(([, names]) => names.length > 1);
  return [
    ...problems,
    ...shared.map(
      ([from, names]) => `'${from}' is imported by src/${names.join(', src/')}: let src/client.ts be the only one`,
    ),
  ];
}

function read(path: string): string | undefined {
  return existsSync(path) ? readFileSync(path, 'utf8') : undefined;
}
