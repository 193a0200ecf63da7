import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ChannelHost, HttpDoorRequest, HttpDoorResponse } from '@fanin/connector-kit';

/** Beside the compiled code; when the sources run (tests), where the build puts them. */
const FOLDERS = [
  join(import.meta.dirname, '..', 'browser'),
  join(import.meta.dirname, '..', '..', '..', '..', 'dist', 'libs', 'channels', 'chat-web', 'browser'),
];

const SECURITY_HEADERS = {
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'strict-origin-when-cross-origin',
} as const;

/** Other shops' pages load the widget, also with an integrity attribute, which needs CORS. */
const WIDGET_HEADERS = {
  'content-type': 'text/javascript; charset=utf-8',
  'access-control-allow-origin': '*',
  'cross-origin-resource-policy': 'cross-origin',
  'cache-control': 'public, max-age=300',
} as const;

const PAGE_HEADERS = {
  'content-type': 'text/html; charset=utf-8',
  'cache-control': 'no-cache',
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
} as const;

const NOT_BUILT = 'The widget has not been built: run `npm run build`.';
const NO_DEMO = 'There is no demo shop: no running chat account has `self` in allowed_origins.';

interface BundledFile {
  readonly text: string;
  readonly etag: string;
}

function load(name: string): BundledFile | undefined {
  const path = FOLDERS.map((folder) => join(folder, name)).find((candidate) => existsSync(candidate));
  if (path === undefined) return undefined;
  const text = readFileSync(path, 'utf8');
  return { text, etag: `"${createHash('sha256').update(text).digest('base64url').slice(0, 27)}"` };
}

function serve(
  file: BundledFile | undefined,
  headers: Readonly<Record<string, string>>,
  request: HttpDoorRequest,
): HttpDoorResponse {
  if (file === undefined) return plain(503, NOT_BUILT);
  const all = { ...SECURITY_HEADERS, ...headers, etag: file.etag };
  if (request.headers['if-none-match'] === file.etag) return { status: 304, headers: all, body: '' };
  return { status: 200, headers: all, body: file.text };
}

function plain(status: number, body: string): HttpDoorResponse {
  return { status, headers: { ...SECURITY_HEADERS, 'content-type': 'text/plain; charset=utf-8' }, body };
}

function escapeAttribute(text: string): string {
  return text.replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`);
}

/** `demoAccount`: the account for the demo shop, undefined when no running account takes pages of our own address. */
export function serveWidgetFiles(
  host: ChannelHost,
  demoAccount: (wanted: string | undefined) => string | undefined,
): void {
  const fixed: readonly (readonly [path: string, file: string, headers: Readonly<Record<string, string>>])[] = [
    ['/widget.js', 'widget.js', WIDGET_HEADERS],
    ['/demo-shop/shop.js', 'demo-shop.js', { 'content-type': 'text/javascript; charset=utf-8' }],
    ['/demo-shop/shop.css', 'demo-shop.css', { 'content-type': 'text/css; charset=utf-8' }],
    ['/demo-shop/icon.svg', 'demo-shop.svg', { 'content-type': 'image/svg+xml' }],
  ];
  for (const [path, name, headers] of fixed) {
    const file = load(name);
    host.http.onGet(path, async (request) => serve(file, headers, request));
  }
  const page = load('demo-shop.html');
  host.http.onGet('/demo-shop', async (request) => {
    const account = demoAccount(request.query['account']);
    if (account === undefined) return plain(404, NO_DEMO);
    if (page === undefined) return plain(503, NOT_BUILT);
    const body = page.text.replaceAll('%ACCOUNT%', escapeAttribute(account));
    return { status: 200, headers: { ...SECURITY_HEADERS, ...PAGE_HEADERS }, body };
  });
}
