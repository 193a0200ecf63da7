import { loadPageAssets } from './page-assets.js';
import { pageShell } from './page-shell.js';
import { OPERATOR_TOKEN, startPagesServer, type PagesServer } from './spec-support/pages-server.js';

describe('the pages', () => {
  let server: PagesServer;
  let cookie: string;
  const html = { accept: 'text/html' };

  const ask = (path: string, headers: Record<string, string> = {}): Promise<Response> =>
    fetch(server.url + path, { redirect: 'manual', headers });

  beforeAll(async () => {
    server = await startPagesServer();
    const entered = await ask(`/?token=${OPERATOR_TOKEN}`, html);
    cookie = (entered.headers.get('set-cookie') ?? '').split(';')[0] ?? '';
    expect([entered.status, entered.headers.get('location')]).toEqual([302, '/']);
  }, 120_000);
  afterAll(() => server.stop());

  it.each(['/', '/tickets/0193a5c2-0000-7000-8000-000000000001'])('asks for a login at %s', async (path) => {
    const answer = await ask(path, html);
    expect(answer.status).toBe(401);
    expect(await answer.text()).toMatch('Log in to Fanin');
    expect((await ask(path, { cookie: 'fanin_session=forged.forged', ...html })).status).toBe(401);
  });

  it.each([
    ['/', 'dashboard'],
    ['/tickets/anything', 'ticket'],
  ])('serves %s with a policy that allows nothing inline and nothing from elsewhere', async (path, entry) => {
    const answer = await ask(path, { cookie, ...html });
    const policy = answer.headers.get('content-security-policy') ?? '';
    expect(answer.status).toBe(200);
    expect(policy).toMatch(/^default-src 'none'; script-src 'self'; style-src 'self';/);
    expect(policy).toMatch("require-trusted-types-for 'script'");
    expect(policy).toMatch("frame-ancestors 'none'");
    expect(policy).not.toMatch(/unsafe|\*|https?:/);
    expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
    expect(answer.headers.get('referrer-policy')).toBe('no-referrer');
    expect(answer.headers.get('cache-control')).toBe('private, no-cache');
    const body = await answer.text();
    expect(body).toMatch(new RegExp(`<script type="module" src="/assets/${entry}-[A-Z0-9]+\\.js">`));
    expect(body).not.toMatch(/<style|style=|<script>|onload=/);
  });

  it('serves what a page names, cached for good, without a login', async () => {
    const body = await (await ask('/', { cookie, ...html })).text();
    const names = [...body.matchAll(/\/assets\/[^"]+/g)].map(([name]) => name);
    expect(names).toHaveLength(3);
    for (const name of names) {
      const answer = await ask(name);
      expect([answer.status, answer.headers.get('cache-control')]).toEqual([
        200,
        'public, max-age=31536000, immutable',
      ]);
      expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
      expect((await answer.text()).length).toBeGreaterThan(200);
    }
  });

  it.each(['/assets/manifest.json', '/assets/..%2f..%2fpackage.json', '/assets/dashboard.js'])(
    'has no other file: %s',
    async (path) => {
      expect((await ask(path)).status).toBe(404);
    },
  );

  it('keeps its routes out of the API’s document', async () => {
    const document = (await (await ask('/docs/openapi.json')).json()) as { paths: object };
    expect(Object.keys(document.paths).filter((path) => !path.startsWith('/api/v1/'))).toEqual([]);
  });

  it('says so when the bundle is missing, and escapes what it puts into the page', () => {
    const none = loadPageAssets(['/nowhere']);
    expect(pageShell({ entry: 'dashboard', title: 'x', data: {} }, none)).toBeUndefined();
    const page = pageShell(
      { entry: 'ticket', title: '<b>', data: { 'smtp-port': '"><script>' } },
      { files: new Map(), nameOf: (source) => source },
    );
    expect(page).toMatch('<title>&#60;b&#62;</title>');
    expect(page).toMatch('data-smtp-port="&#34;&#62;&#60;script&#62;"');
  });
});
