import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface PageAsset {
  readonly body: Buffer;
  readonly contentType: string;
}

/** What the build made for the browser, read once. */
export interface PageAssets {
  /** By file name, which carries the hash of the content. */
  readonly files: ReadonlyMap<string, PageAsset>;
  /** File name of a source, e.g. `dashboard.js`; undefined when it was not built. */
  nameOf(source: string): string | undefined;
}

/** Beside the compiled code; when the sources run (tests), where the build puts them. */
const FOLDERS = [
  join(import.meta.dirname, '..', 'browser'),
  join(import.meta.dirname, '..', '..', '..', 'dist', 'libs', 'pages', 'browser'),
];

const CONTENT_TYPES: Readonly<Record<string, string>> = {
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
  svg: 'image/svg+xml',
};

/** Without a build there are no files, and the pages say so instead of staying white. */
export function loadPageAssets(folders: readonly string[] = FOLDERS): PageAssets {
  const folder = folders.find((path) => existsSync(join(path, 'manifest.json')));
  if (folder === undefined) return { files: new Map(), nameOf: () => undefined };
  const manifest = JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8')) as Readonly<Record<string, string>>;
  const files = new Map<string, PageAsset>();
  for (const name of Object.values(manifest)) {
    const contentType = CONTENT_TYPES[name.split('.').at(-1) ?? ''] ?? 'application/octet-stream';
    files.set(name, { body: readFileSync(join(folder, name)), contentType });
  }
  return { files, nameOf: (source) => manifest[source] };
}

/** Injection token of the assets. */
export const PAGE_ASSETS = Symbol('PageAssets');
