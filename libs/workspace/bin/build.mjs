/**
 * Builds every app and library with swc into dist/, only what is stale, and writes dist/node_modules/@fanin/* so that
 * Node resolves the same names at run time as TypeScript does from tsconfig.base.json. Browser bundles (widget, pages)
 * are made by the `browser.mjs` of the library that owns them.
 *
 * Programs may run from dist/ meanwhile, and other builds beside this one (a test that starts a command): each file changes
 * in one step, and what is already as it should be is left alone.
 *
 * Usage: npm run build [-- --force]
 */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { pathToFileURL } from 'node:url';
import { writeChannelList } from './channel-list.mjs';
import { replaceFile, writeIfChanged } from './replace-file.mjs';

const root = join(import.meta.dirname, '..', '..', '..');
const dist = join(root, 'dist');

/** Parents of projects, and of folders whose projects are imported by two names (`@fanin/channels/x`). */
const GROUPS = ['channels', 'simulators'];

/** Folders that hold a project: apps/*, libs/*, libs/channels/*, libs/simulators/*. A project is a folder with a project.json. */
export function projectFolders() {
  const found = [];
  for (const parent of ['apps', 'libs', ...GROUPS.map((group) => join('libs', group))]) {
    const folder = join(root, parent);
    if (!existsSync(folder)) continue;
    for (const name of readdirSync(folder).sort()) {
      if (existsSync(join(folder, name, 'project.json'))) found.push(join(parent, name));
    }
  }
  return found;
}

function* walk(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) {
      if (entry.name !== 'node_modules' && entry.name !== 'browser') yield* walk(path);
    } else yield path;
  }
}

const isTest = (path) => /\.spec\.ts$/.test(path);
const isCode = (path) => path.endsWith('.ts') && !path.endsWith('.d.ts');

function outputOf(path) {
  return join(dist, relative(root, path)).replace(/\.ts$/, '.js');
}

/** The alias a library is imported by, or undefined for an app. */
function aliasOf(project) {
  const parts = project.split(sep);
  if (parts[0] !== 'libs') return undefined;
  return GROUPS.includes(parts[1]) ? `${parts[1]}/${parts[2]}` : parts[1];
}

function writeAlias(project) {
  const alias = aliasOf(project);
  if (alias === undefined || !existsSync(join(root, project, 'src', 'index.ts'))) return;
  const folder = join(dist, 'node_modules', '@fanin', alias);
  const target = relative(folder, join(dist, project, 'src', 'index.js'))
    .split(sep)
    .join('/');
  // Node takes `@fanin/channels/x` for a path within a package `@fanin/channels`.
  const [group] = alias.split('/');
  const [home, exported] = GROUPS.includes(group)
    ? [join(folder, '..'), { './*': './*/index.js' }]
    : [folder, './index.js'];
  writeIfChanged(join(home, 'package.json'), `${JSON.stringify({ type: 'module', exports: exported })}\n`);
  writeIfChanged(join(folder, 'index.js'), `export * from '${target}';\n`);
}

function settingsHash() {
  const hash = createHash('sha256');
  for (const file of ['package-lock.json', 'libs/workspace/bin/build.mjs']) hash.update(readFileSync(join(root, file)));
  return hash.digest('hex');
}

async function compile(path, output) {
  const { transformFile } = await import('@swc/core');
  const result = await transformFile(path, {
    swcrc: false,
    configFile: false,
    sourceMaps: true,
    module: { type: 'es6' },
    jsc: {
      target: 'es2022',
      parser: { syntax: 'typescript', decorators: true },
      transform: { legacyDecorator: true, decoratorMetadata: true, useDefineForClassFields: false },
      keepClassNames: true,
    },
  });
  const map = `${output.split(sep).pop()}.map`;
  if (result.map) replaceFile(`${output}.map`, result.map);
  replaceFile(output, `${result.code}\n//# sourceMappingURL=${map}\n`);
}

/** Outputs of projects that are not there any more, and their names. */
function removeStrangers(projects) {
  const remove = (folder, isKnown) => {
    if (!existsSync(folder)) return;
    for (const name of readdirSync(folder))
      if (!isKnown(name)) rmSync(join(folder, name), { recursive: true, force: true });
  };
  for (const parent of ['apps', 'libs', ...GROUPS.map((group) => join('libs', group))])
    remove(join(dist, parent), (name) => projects.includes(join(parent, name)) || GROUPS.includes(name));
  const aliases = projects.flatMap((project) => aliasOf(project) ?? []);
  const names = join(dist, 'node_modules', '@fanin');
  remove(names, (name) => aliases.includes(name) || GROUPS.includes(name));
  for (const group of GROUPS)
    remove(join(names, group), (name) => aliases.includes(`${group}/${name}`) || name === 'package.json');
}

/** Compiles what is older than its source, or everything when the settings changed; removes outputs whose source is gone. */
export async function build({ force = false, onProgress = () => {} } = {}) {
  const stampFile = join(dist, '.settings');
  const stamp = settingsHash();
  const anew = force || !existsSync(stampFile) || readFileSync(stampFile, 'utf8') !== stamp;
  writeIfChanged(join(dist, 'package.json'), '{"type":"module"}\n');

  writeChannelList();
  const projects = projectFolders();
  const wanted = new Set();
  const stale = [];
  for (const project of projects) {
    const source = join(root, project, 'src');
    if (!existsSync(source)) continue;
    for (const path of walk(source)) {
      if (isTest(path) || path.includes(`${sep}generators${sep}`)) continue;
      const output = outputOf(path);
      wanted.add(output);
      if (!anew && existsSync(output) && statSync(output).mtimeMs >= statSync(path).mtimeMs) continue;
      stale.push([path, output]);
    }
    writeAlias(project);
  }
  let done = 0;
  for (const [path, output] of stale) {
    if (isCode(path)) await compile(path, output);
    else replaceFile(output, readFileSync(path));
    done += 1;
    if (done % 50 === 0) onProgress(`compiled ${done} of ${stale.length} files`);
  }
  for (const project of projects) {
    const out = join(dist, project, 'src');
    if (!existsSync(out)) continue;
    for (const path of walk(out)) if (!path.endsWith('.map') && !wanted.has(path)) rmSync(path, { force: true });
  }
  for (const project of projects) {
    const bundler = join(root, project, 'browser.mjs');
    if (!existsSync(bundler)) continue;
    const { bundle } = await import(pathToFileURL(bundler).href);
    await bundle({ outdir: join(dist, project, 'browser'), force: anew });
  }
  removeStrangers(projects);
  writeIfChanged(stampFile, stamp);
  return { compiled: stale.length };
}

if (process.argv[1] === import.meta.filename) {
  const started = Date.now();
  const { compiled } = await build({
    force: process.argv.includes('--force'),
    onProgress: (line) => console.log(line),
  });
  console.log(`built: ${compiled} files compiled in ${((Date.now() - started) / 1000).toFixed(1)} s`);
}
