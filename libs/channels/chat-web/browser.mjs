/** Bundles what runs in visitors' browsers: the widget, and the demo shop that carries it. Called by `npm run build`. */
import { copyFileSync, existsSync, mkdirSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

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
  mkdirSync(outdir, { recursive: true });
  const settings = {
    bundle: true,
    minify: true,
    format: 'iife',
    target: 'es2022',
    charset: 'utf8',
    legalComments: 'none',
    logLevel: 'warning',
  };
  await build({ ...settings, entryPoints: [join(source, 'widget', 'main.ts')], outfile: join(outdir, 'widget.js') });
  await build({
    ...settings,
    entryPoints: [join(source, 'demo-shop', 'shop.ts')],
    outfile: join(outdir, 'demo-shop.js'),
  });
  await build({
    ...settings,
    entryPoints: [join(source, 'demo-shop', 'shop.css')],
    outfile: join(outdir, 'demo-shop.css'),
  });
  copyFileSync(join(source, 'demo-shop', 'shop.html'), join(outdir, 'demo-shop.html'));
  copyFileSync(join(source, 'demo-shop', 'icon.svg'), join(outdir, 'demo-shop.svg'));
}
