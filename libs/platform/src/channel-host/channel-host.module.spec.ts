import { once } from 'node:events';
import { connect } from 'node:net';
import { join } from 'node:path';
import { defineChannel } from '@fanin/connector-kit';
import { silentLogger } from '@fanin/kernel';
import { startTestDatabase, temporaryFolder, type TestDatabase, type TestFolder } from '@fanin/test-kit';
import type { SCOPES } from '../auth/principal.js';
import type { ChannelEntry } from '../config/channel-entry.js';
import { readConfigValue } from '../config/read-config.js';
import { prepareServiceRole } from '../database/service-role.js';
import { startService, type RunningService } from '../service/start-service.js';
import { AccountsModule } from './accounts.controller.js';
import { ChannelHostModule } from './channel-host.module.js';
import { CHANNELS_PART } from './channels-part.js';
import { QUICK, until } from './spec-support/host-fixture.js';
import { ScriptConfig, ScriptedProvider, scriptedChannel } from './spec-support/scripted-channels.js';

/** A channel with doors: a page, and a socket that says hello. */
const doors: ChannelEntry = {
  manifest: { ...scriptedChannel(new ScriptedProvider(), { slug: 'chat-door', capture: 'stream' }).manifest },
  load: async () =>
    defineChannel<ScriptConfig, void>({
      manifest: doors.manifest,
      Config: ScriptConfig,
      open: async ({ http }) => {
        http.onGet('/door.js', async ({ query }) => ({
          status: 200,
          headers: { 'content-type': 'text/javascript' },
          body: `// ${http.publicUrl} ${query['x']}`,
        }));
        http.onUpgrade('/door', (_request, socket) => socket.end('HTTP/1.1 101 Switching Protocols\r\n\r\nhello'));
      },
      create: () => ({
        capture: {
          shape: 'stream',
          exclusive: false,
          run: ({ signal, connected }) => (connected(), once(signal, 'abort').then(() => undefined)),
        },
        normalise: async () => ({ messages: [] }),
        close: async () => undefined,
      }),
    }),
};

describe('ChannelHostModule', () => {
  const hook = scriptedChannel(new ScriptedProvider(), { slug: 'social-module', capture: 'webhook' });
  let server: TestDatabase;
  let folder: TestFolder;
  let service: RunningService;

  beforeAll(async () => {
    [server, folder] = await Promise.all([startTestDatabase(), temporaryFolder()]);
    const channels = [hook, doors];
    const config = await readConfigValue(
      {
        tenants: [
          { id: 'shop', name: 'Shop' },
          { id: 'other', name: 'Other' },
        ],
        accounts: [
          { id: 'hooked', tenant: 'shop', channel: 'social-module' },
          { id: 'theirs', tenant: 'other', channel: 'social-module' },
          { id: 'door', tenant: 'shop', channel: 'chat-door' },
        ],
        database: { url: await prepareServiceRole(server.url) },
        storage: { folder: join(folder.path, 'objects') },
        http: { port: 0 },
        auth: { signing_secrets: ['s'.repeat(32)] },
      },
      'test',
      { channels, env: {} },
    );
    const one = (name: string, entry: ChannelEntry) => ({
      name,
      database: [CHANNELS_PART],
      modules: [ChannelHostModule.for({ service: name, channels: [entry], timings: QUICK })],
    });
    const definitions = [
      one('social-connector', hook),
      one('chat-connector', doors),
      { name: 'api', database: [CHANNELS_PART], modules: [AccountsModule] },
    ];
    service = await startService(definitions, config, { logger: silentLogger, name: 'standalone' });
  });
  afterAll(async () => {
    await service.stop();
    await server.stop();
    await folder.remove();
  });

  const accounts = async (tenant: string, scopes: readonly (typeof SCOPES)[number][]): Promise<Response> => {
    const { key } = await service.keys.create({ tenant, scopes, name: 'test' });
    return fetch(`${service.url}/api/v1/accounts`, { headers: { authorization: `Bearer ${key}` } });
  };

  it('is ready, and shows each tenant its own accounts', async () => {
    expect((await fetch(`${service.url}/health/ready`)).status).toBe(200);
    expect((await accounts('shop', ['tickets:read'])).status).toBe(403);
    await until('connected', async () => {
      const { data } = (await (await accounts('shop', ['accounts:read'])).json()) as { data: { state: string }[] };
      return data.every(({ state }) => state === 'connected');
    });
    await until('the port is shown', async () =>
      (await (await accounts('shop', ['accounts:read'])).text()).includes(service.url),
    );
    const list: unknown = await (await accounts('shop', ['accounts:read'])).json();
    expect(list).toEqual({
      data: [
        expect.objectContaining({ id: 'door', tenant: 'shop', channel_slug: 'chat-door', hook_urls: [] }),
        {
          id: 'hooked',
          tenant: 'shop',
          channel: 'social',
          channel_slug: 'social-module',
          title: 'Script social-module',
          state: 'connected',
          since: expect.stringMatching(/^\d{4}-.*Z$/),
          code: null,
          reason: null,
          next_attempt_at: null,
          action: null,
          hook_urls: [`${service.url}/hooks/hooked`],
          hooks: [{ url: `${service.url}/hooks/hooked`, enter: expect.stringContaining('webhook') }],
          notices: [],
        },
      ],
      next_cursor: null,
    });
    const theirs = (await (await accounts('other', ['accounts:read'])).json()) as { data: { id: string }[] };
    expect(theirs.data.map(({ id }) => id)).toEqual(['theirs']);
  });

  it('hands webhooks their bytes beside an API that reads JSON, without a key', async () => {
    const hooked = (body: string, type: string) =>
      fetch(`${service.url}/hooks/hooked/x`, {
        method: 'POST',
        body,
        headers: { 'content-type': type, 'x-proof': 'right' },
      });
    for (const type of ['application/json', 'application/x-www-form-urlencoded', 'text/plain'])
      expect([(await hooked('{not json', type)).status, type]).toEqual([202, type]);
    expect((await fetch(`${service.url}/hooks/hooked`, { headers: { 'x-proof': 'right' } })).status).toBe(202);
    expect((await fetch(`${service.url}/hooks/hooked`, { method: 'POST' })).status).toBe(401);
    const metrics = await (await fetch(`${service.url}/metrics`)).text();
    expect(metrics).toMatch(/fanin_channel_captured_total\{.*channel_slug="social-module".*\} 4/);
    expect(metrics).toMatch(/fanin_channel_refused_total\{.*reason="verify".*\} 1/);
  });

  it('opens doors for pages and sockets', async () => {
    const page = await fetch(`${service.url}/door.js?x=7`);
    expect([page.status, page.headers.get('content-type'), await page.text()]).toEqual([
      200,
      'text/javascript',
      `// ${service.url} 7`,
    ]);
    const upgrade = async (path: string): Promise<string> => {
      const socket = connect(Number(new URL(service.url).port), '127.0.0.1');
      socket.write(`GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n`);
      let text = '';
      for await (const part of socket) text += String(part);
      return text;
    };
    expect(await upgrade('/door?a=1')).toMatch(/^HTTP\/1\.1 101 .*hello$/s);
    expect(await upgrade('/nowhere')).toMatch(/^HTTP\/1\.1 404 /);
  });
});
