/** Bundles what runs in visitors' browsers: the widget, and the demo shop that carries it. Called by `npm run build`. */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { replaceFile } from '../../workspace/bin/replace-file.mjs';

const source = join(import.meta.dirname, 'browser');
const outputs = ['widget.js', 'demo-shop.js', 'demo-shop.css', 'demo-shop.html', 'demo-shop.svg'];

function newestOf(folder) {
  return Math.max(...readdirSync(folder, { recursive: true }).map((name) => statSync(join(folder, name)).mtimeMs));
}

function isCurrent(outdir) {
  const newest = Math.max(
    newestOf(source),
    statSync(import.meta.filename).mtimeMs,
    statSync(join(import.meta.dirname, 'src', 'protocol.ts')).mtimeMs,
  );
  return outputs.every((name) => existsSync(join(outdir, name)) && statSync(join(outdir, name)).mtimeMs >= newest);
}

export async function bundle({ outdir, force = false }) {
  if (!force && isCurrent(outdir)) return;
  const { build } = await import('esbuild');
  const settings = {
    write: false,
    bundle: true,
    minify: true,
    format: 'iife',
    target: 'es2022',
    charset: 'utf8',
    legalComments: 'none',
    logLevel: 'warning',
  };
  for (const [entry, output] of [
    [join('widget', 'main.ts'), 'widget.js'],
    [join('demo-shop', 'shop.ts'), 'demo-shop.js'],
    [join('demo-shop', 'shop.css'), 'demo-shop.css'],
  ]) {
    const outfile = join(outdir, output);
    const { outputFiles } = await build({ ...settings, entryPoints: [join(source, entry)], outfile });
    for (const { path, contents } of outputFiles) replaceFile(path, contents);
  }
  for (const [copied, output] of [
    ['shop.html', 'demo-shop.html'],
    ['icon.svg', 'demo-shop.svg'],
  ])
    replaceFile(join(outdir, output), readFileSync(join(source, 'demo-shop', copied)));
}
