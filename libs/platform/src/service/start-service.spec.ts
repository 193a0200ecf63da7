import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { field } from '@fanin/contracts';
import { silentLogger } from '@fanin/kernel';
import { startTestDatabase, type TestDatabase } from '@fanin/test-kit';
import { Body, Controller, Get, Inject, Module, Post } from '@nestjs/common';
import { CurrentPrincipal, Public, RequireScopes } from '../auth/decorators.js';
import { SCOPES, type Principal } from '../auth/principal.js';
import { readConfigValue } from '../config/read-config.js';
import { DATABASE, type Database } from '../database/database.js';
import { prepareServiceRole } from '../database/service-role.js';
import type { ServiceDefinition } from './service.js';
import { startService, type RunningService } from './start-service.js';

class Greeting {
  @field.text({ description: 'Who.', maxLength: 5, example: 'Ada' })
  name!: string;
}

@Controller('api/v1')
class GreetingController {
  constructor(@Inject(DATABASE) private readonly database: Database) {}

  @Get('whoami')
  @RequireScopes('tickets:read')
  whoami(@CurrentPrincipal() principal: Principal): object {
    return { tenant: principal.tenant, kind: principal.kind };
  }

  @Post('greetings')
  @RequireScopes('tickets:write')
  async greet(@CurrentPrincipal() principal: Principal, @Body() greeting: Greeting): Promise<object> {
    const seen = await this.database.transaction(principal.tenant, (client) =>
      client.query("SELECT current_setting('fanin.tenant') AS tenant"),
    );
    return { text: `Hello ${greeting.name}`, tenant: seen.rows[0].tenant };
  }

  @Get('boom')
  boom(): void {
    throw new Error('secret detail');
  }

  @Public()
  @Get('open')
  open(): object {
    return { open: true };
  }
}

@Module({ controllers: [GreetingController] })
class GreetingModule {}

const definition: ServiceDefinition = { name: 'greeter', database: [], modules: [GreetingModule] };
const TOKEN = 'operator-token-of-the-test-0123';

describe('startService', () => {
  let databases: TestDatabase[];
  let folder: string;
  let urls: string[];
  let services: RunningService[];
  let key: string;
  let reader: string;

  const start = async (url: string, more: object = {}): Promise<RunningService> => {
    const config = await readConfigValue(
      {
        tenants: [
          { id: 'default', name: 'My shop' },
          { id: 'demo', name: 'Demo' },
        ],
        database: { url },
        storage: { folder: join(folder, 'objects') },
        http: { port: 0 },
        auth: { session_secret: 's'.repeat(40), operator_token: TOKEN },
        ...more,
      },
      'test',
      { channels: [], env: {} },
    );
    return startService(definition, config, { logger: silentLogger });
  };

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'fanin-service-'));
    databases = await Promise.all([startTestDatabase(), startTestDatabase()]);
    urls = await Promise.all(databases.map(({ url }) => prepareServiceRole(url)));
    services = await Promise.all(urls.map((url) => start(url)));
    key = (await one().keys.create({ tenant: 'default', scopes: SCOPES, name: 'test' })).key;
    reader = (await one().keys.create({ tenant: 'demo', scopes: ['tickets:read'], name: 'reader' })).key;
  });
  afterAll(async () => {
    await Promise.all(services.map((service) => service.stop()));
    await Promise.all(databases.map((database) => database.stop()));
    rmSync(folder, { recursive: true });
  });

  const one = (): RunningService => services[0] as RunningService;
  const ask = (path: string, init: RequestInit = {}, service = one()): Promise<Response> =>
    fetch(service.url + path, { redirect: 'manual', ...init });
  const bearer = (value: string): Record<string, string> => ({ authorization: `Bearer ${value}` });
  const post = (path: string, body: unknown, headers: Record<string, string>): Promise<Response> =>
    ask(path, {
      method: 'POST',
      body: JSON.stringify(body),
      headers: { 'content-type': 'application/json', ...headers },
    });
  const cookieOf = (answer: Response): string => (answer.headers.get('set-cookie') ?? '').split(';')[0] ?? '';
  const login = async (): Promise<string> => cookieOf(await ask(`/?token=${TOKEN}`));

  it('answers health and metrics without a key', async () => {
    expect(await (await ask('/health/live')).json()).toEqual({ status: 'alive' });
    const ready = await ask('/health/ready');
    expect([ready.status, await ready.json()]).toEqual([200, { status: 'ready', missing: [] }]);
    const metrics = await (await ask('/metrics')).text();
    expect(metrics).toMatch(/process_resident_memory_bytes\{service="greeter"\}/);
  });

  it('knows two systems in one process apart', async () => {
    expect((await ask('/api/v1/whoami', { headers: bearer(key) })).status).toBe(200);
    expect((await ask('/api/v1/whoami', { headers: bearer(key) }, services[1])).status).toBe(401);
  });

  it('lets a key into its tenant with its scopes only', async () => {
    expect(await (await ask('/api/v1/whoami', { headers: bearer(reader) })).json()).toEqual({
      tenant: 'demo',
      kind: 'key',
    });
    const refused = await post('/api/v1/greetings', { name: 'Ada' }, bearer(reader));
    expect(refused.status).toBe(403);
    expect(refused.headers.get('content-type')).toMatch('application/problem+json');
    expect(await refused.json()).toEqual({
      type: 'urn:fanin:problem:forbidden',
      title: 'This key may not do that',
      status: 403,
      detail: 'It lacks the scope tickets:write.',
      instance: '/api/v1/greetings',
    });
    const done = await post('/api/v1/greetings', { name: 'Ada' }, bearer(key));
    expect(await done.json()).toEqual({ text: 'Hello Ada', tenant: 'default' });
  });

  it('refuses an unknown, a missing, an expired and a revoked key, at once', async () => {
    for (const headers of [{}, bearer('fanin_nonsense'), { authorization: 'Basic abc' }] as Record<string, string>[]) {
      const answer = await ask('/api/v1/whoami', { headers });
      expect([answer.status, answer.headers.get('www-authenticate')]).toEqual([401, 'Bearer']);
    }
    const old = await one().keys.create({
      tenant: 'default',
      scopes: SCOPES,
      name: 'old',
      expiresAt: '2020-01-01T00:00:00Z',
    });
    expect((await ask('/api/v1/whoami', { headers: bearer(old.key) })).status).toBe(401);
    const lost = await one().keys.create({ tenant: 'default', scopes: SCOPES, name: 'lost' });
    expect((await ask('/api/v1/whoami', { headers: bearer(lost.key) })).status).toBe(200);
    expect(await one().keys.revoke(lost.id)).toBe(true);
    expect(await one().keys.revoke(lost.id)).toBe(false);
    expect((await ask('/api/v1/whoami', { headers: bearer(lost.key) })).status).toBe(401);
  });

  it('says all that is wrong with a body', async () => {
    const answer = await post('/api/v1/greetings', { name: 'far too long', more: 1 }, bearer(key));
    const body = (await answer.json()) as { problems: { path: string }[] };
    expect(answer.status).toBe(400);
    expect(body.problems.map(({ path }) => path).sort()).toEqual(['more', 'name']);
  });

  it.each([
    ['broken JSON', '{"name":', 'application/json', 400],
    ['another media type', '<a/>', 'text/xml', 415],
    ['a form', 'name=Ada', 'application/x-www-form-urlencoded', 415],
    ['a body that is too large', JSON.stringify({ name: 'x'.repeat(1_100_000) }), 'application/json', 413],
    ['a body that is far too large', JSON.stringify({ name: 'x'.repeat(9_000_000) }), 'application/json', 413],
    ['U+0000', '{"name":"a\\u0000"}', 'application/json', 400],
    ['half of a surrogate pair', '{"name":"\\ud800"}', 'application/json', 400],
    ['no object', '[1]', 'application/json', 400],
    ['a prototype key', '{"__proto__":{"name":"x"}}', 'application/json', 400],
  ])('answers %s with a problem', async (_, body, contentType, status) => {
    const answer = await ask('/api/v1/greetings', {
      method: 'POST',
      body,
      headers: { 'content-type': contentType, ...bearer(key) },
    });
    expect(answer.status).toBe(status);
    expect(answer.headers.get('content-type')).toMatch('application/problem+json');
    expect(await answer.json()).toMatchObject({ status, type: expect.stringMatching(/^urn:fanin:problem:/) });
  });

  it.each(['/api/v1/%zz', '/api/v1/whoami?x=%00'])('answers the address %s with a problem', async (path) => {
    const answer = await ask(path, { headers: bearer(key) });
    expect([answer.status, answer.headers.get('content-type')]).toEqual([400, expect.stringMatching('problem[+]json')]);
  });

  it('answers what is not there and what went wrong without telling the inside', async () => {
    const missing = await ask('/api/v1/nothing?token=x', { headers: bearer(key) });
    expect([missing.status, await missing.json()]).toEqual([
      404,
      {
        type: 'urn:fanin:problem:not_found',
        title: 'There is nothing at this address',
        status: 404,
        instance: '/api/v1/nothing',
      },
    ]);
    const broken = await ask('/api/v1/boom', { headers: bearer(key) });
    expect(broken.status).toBe(500);
    expect(await broken.text()).not.toMatch('secret');
    expect((await ask('/api/v1/%E0%A4%A')).status).toBe(400);
  });

  it('turns the token of an address into a cookie and takes it out of the address', async () => {
    const answer = await ask(`/dashboard?token=${TOKEN}&range=7d`);
    expect([answer.status, answer.headers.get('location')]).toEqual([302, '/dashboard?range=7d']);
    expect(answer.headers.get('set-cookie')).toMatch(
      /^fanin_session=\S+; Path=\/; HttpOnly; SameSite=Strict; Max-Age=\d+$/,
    );
    expect((await ask('/?token=wrong-token')).status).toBe(401);
    expect((await ask(`//evil.example/?token=${TOKEN}`)).headers.get('location')).toBe('/evil.example/');
    expect((await ask(`/api/v1/whoami?token=${TOKEN}`)).status).toBe(401);
  });

  it('lets the session of one service into another that has the same secret', async () => {
    const cookie = await login();
    const answer = await ask('/api/v1/session', { headers: { cookie } }, services[1]);
    expect(await answer.json()).toMatchObject({
      kind: 'operator',
      tenant: '*',
      tenants: [{ id: 'default' }, { id: 'demo' }],
    });
  });

  it('logs in by the form too', async () => {
    const form = (token: string): Promise<Response> =>
      ask('/session', { method: 'POST', body: new URLSearchParams({ token }) });
    expect([(await form(TOKEN)).status, (await form('no')).status]).toEqual([303, 401]);
  });

  it('switches the tenant of the operator, not of a key', async () => {
    const cookie = await login();
    const choose = (tenant: string, headers: Record<string, string>): Promise<Response> =>
      post('/session/tenant', { tenant }, headers);
    const chosen = await choose('demo', { cookie, 'sec-fetch-site': 'same-origin' });
    expect(chosen.status).toBe(200);
    expect(await (await ask('/api/v1/whoami', { headers: { cookie: cookieOf(chosen) } })).json()).toEqual({
      tenant: 'demo',
      kind: 'operator',
    });
    expect((await choose('nobody', { cookie, 'sec-fetch-site': 'same-origin' })).status).toBe(404);
    expect((await choose('demo', bearer(key))).status).toBe(403);
  });

  it('refuses writes with the cookie that do not come from our own pages', async () => {
    const cookie = await login();
    const write = async (headers: Record<string, string>): Promise<number> =>
      (await post('/api/v1/greetings', { name: 'Ada' }, { cookie, ...headers })).status;
    expect(await write({ 'sec-fetch-site': 'cross-site' })).toBe(403);
    expect(await write({ 'sec-fetch-site': 'same-site' })).toBe(403);
    expect(await write({ origin: 'https://evil.example' })).toBe(403);
    expect(await write({})).toBe(403);
    expect(await write({ 'sec-fetch-site': 'same-origin' })).toBe(201);
    expect(await write({ origin: one().url })).toBe(201);
  });

  it('takes no cookie that it did not sign', async () => {
    const cookie = await login();
    const payload = Buffer.from(JSON.stringify({ tenant: '*', expiresAt: Date.now() + 1e9 })).toString('base64url');
    for (const forged of [
      `${cookie.slice(0, -2)}xx`,
      `fanin_session=${payload}.`,
      'fanin_session=x',
      'fanin_session=',
    ]) {
      expect((await ask('/api/v1/whoami', { headers: { cookie: forged } })).status).toBe(401);
    }
  });

  it('shows a browser a login form where a program gets a problem', async () => {
    const docs = await ask('/docs', { headers: { accept: 'text/html' } });
    expect([docs.status, await docs.text()]).toEqual([
      401,
      expect.stringContaining('<form method="post" action="/session">'),
    ]);
  });

  it('serves the API document and its page from its own files', async () => {
    const document = (await (await ask('/docs/openapi.json')).json()) as {
      paths: Record<string, unknown>;
      components: { schemas: Record<string, unknown> };
    };
    expect(Object.keys(document.paths)).toEqual([
      '/api/v1/boom',
      '/api/v1/greetings',
      '/api/v1/open',
      '/api/v1/session',
      '/api/v1/whoami',
    ]);
    expect(document.components.schemas['Greeting']).toMatchObject({
      required: ['name'],
      properties: { name: { type: 'string', maxLength: 5, example: 'Ada' } },
    });
    const cookie = await login();
    const page = await (await ask('/docs', { headers: { cookie } })).text();
    expect(page).not.toMatch(/https?:\/\/(?!127)/);
    for (const [, source] of page.matchAll(/(?:src|href)="([^"]+\.(?:js|css))"/g)) {
      expect((await fetch(new URL(source ?? '', `${one().url}/docs/`))).status).toBe(200);
    }
  });

  it('sets security headers on every answer', async () => {
    for (const path of ['/', '/api/v1/open', '/health/live', '/nothing']) {
      const { headers } = await ask(path);
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('content-security-policy')).toMatch("default-src 'none'");
    }
  });

  it('says that a port is taken, and closes what it had opened', async () => {
    const port = Number(new URL(one().url).port);
    await expect(start(urls[1] as string, { http: { port } })).rejects.toMatchObject({
      code: 'CONFIG',
      message: expect.stringMatching(/^HTTP port \d+ on 127\.0\.0\.1 is taken\./),
    });
  });

  it('names what is missing when the database goes away, and stays alive', async () => {
    await (databases[1] as TestDatabase).stop();
    const ready = await ask('/health/ready', {}, services[1]);
    expect(ready.status).toBe(503);
    const body = (await ready.json()) as { missing: { name: string; reason: string }[] };
    expect(body.missing).toContainEqual({ name: 'database', reason: 'PostgreSQL does not answer' });
    expect((await ask('/health/live', {}, services[1])).status).toBe(200);
    const refused = await ask('/api/v1/whoami', { headers: bearer(key) }, services[1]);
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '2']);
  });
});
