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
  if (file === undefined) return plain(503, 'The widget has not been built: run `npm run build`.');
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
  const widget = load('widget.js');
  const page = load('demo-shop.html');
  const script = load('demo-shop.js');
  const style = load('demo-shop.css');
  host.http.onGet('/widget.js', async (request) => serve(widget, WIDGET_HEADERS, request));
  host.http.onGet('/demo-shop/shop.js', async (request) =>
    serve(script, { 'content-type': 'text/javascript; charset=utf-8' }, request),
  );
  host.http.onGet('/demo-shop/shop.css', async (request) =>
    serve(style, { 'content-type': 'text/css; charset=utf-8' }, request),
  );
  host.http.onGet('/demo-shop', async (request) => {
    const account = demoAccount(request.query['account']);
    if (account === undefined)
      return plain(404, 'No chat account here has `self` in allowedOrigins, so there is no demo shop.');
    if (page === undefined) return serve(page, PAGE_HEADERS, request);
    return {
      status: 200,
      headers: { ...SECURITY_HEADERS, ...PAGE_HEADERS },
      body: page.text.replaceAll('%ACCOUNT%', escapeAttribute(account)),
    };
  });
}
