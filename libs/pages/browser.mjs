/**
 * Bundles the scripts and styles of the pages. Every name carries the hash of its content; manifest.json says which is which.
 * Called by the build (libs/workspace/bin/build.mjs); made again only when a source is newer than the manifest.
 */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { replaceFile } from '../workspace/bin/replace-file.mjs';

const source = join(import.meta.dirname, 'browser');
const ENTRIES = ['dashboard.ts', 'ticket.ts', 'styles/dashboard.css', 'styles/ticket.css'];

function newestIn(folder) {
  return Math.max(
    ...readdirSync(folder, { withFileTypes: true, recursive: true })
      .filter((entry) => entry.isFile())
      .map((entry) => statSync(join(entry.parentPath, entry.name)).mtimeMs),
  );
}

export async function bundle({ outdir, force = false }) {
  const manifestFile = join(outdir, 'manifest.json');
  const newest = Math.max(newestIn(source), statSync(import.meta.filename).mtimeMs);
  if (!force && existsSync(manifestFile) && statSync(manifestFile).mtimeMs >= newest) return;
  const { build } = await import('esbuild');
  const result = await build({
    absWorkingDir: import.meta.dirname,
    entryPoints: ENTRIES.map((entry) => join(source, entry)),
    entryNames: '[name]-[hash]',
    outdir,
    bundle: true,
    minify: true,
    format: 'esm',
    target: ['es2022', 'chrome111', 'firefox115', 'safari16.4'],
    charset: 'utf8',
    legalComments: 'none',
    metafile: true,
    write: false,
    tsconfig: join(source, 'tsconfig.json'),
    logLevel: 'warning',
  });
  const manifest = {};
  for (const [path, { entryPoint }] of Object.entries(result.metafile.outputs)) {
    if (entryPoint !== undefined) manifest[basename(entryPoint).replace(/\.ts$/, '.js')] = basename(path);
  }
  const icon = readFileSync(join(source, 'icon.svg'));
  manifest['icon.svg'] = `icon-${createHash('sha256').update(icon).digest('hex').slice(0, 8)}.svg`;
  // A service may start meanwhile: what the manifest names is there before it.
  for (const file of result.outputFiles) replaceFile(join(outdir, basename(file.path)), file.contents);
  replaceFile(join(outdir, manifest['icon.svg']), icon);
  replaceFile(manifestFile, `${JSON.stringify(manifest, null, 2)}\n`);
  const bundled = result.outputFiles.map(({ path }) => basename(path));
  const wanted = new Set([basename(manifestFile), manifest['icon.svg'], ...bundled]);
  for (const name of readdirSync(outdir)) if (!wanted.has(name)) rmSync(join(outdir, name), { force: true });
}
