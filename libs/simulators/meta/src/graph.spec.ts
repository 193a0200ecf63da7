import { appSecretProof, demoApp } from './index.js';
import { code, graphClient } from './testing/graph-client.js';
import { started } from './testing/started.js';
import type { Started } from './testing/started.js';

const PAGE = '104857620015542';
const PHONE = '106540352242922';
const TOKEN = 'EAALrdemoPageToken104857620015542';
let all: Started;

beforeEach(async () => (all = await started()));
afterEach(() => all.close());

describe('the gate to the Graph API', () => {
  it('knows its versions: an unknown one and one that died are refused in Meta’s words', async () => {
    const unknown = await graphClient(all.meta, TOKEN, 'v99.0').get('me');
    expect([...code(unknown), unknown.body.error.message]).toEqual([
      400,
      2500,
      undefined,
      'Unknown path components: /me',
    ]);
    const dead = await graphClient(all.meta, TOKEN, 'v17.0').get('me');
    expect([dead.body.error.code, dead.body.error.message]).toEqual([
      2635,
      expect.stringContaining('update to the latest version: v25.0'),
    ]);
    const unversioned = await fetch(`${all.meta.url}/me?access_token=${TOKEN}`);
    expect(((await unversioned.json()) as { error: { code: number } }).error.code).toBe(2500);
    const known = await graphClient(all.meta, TOKEN, 'v24.0').get('me');
    expect([known.status, known.headers.get('facebook-api-version')]).toEqual([200, 'v24.0']);
  });

  it('wants a token that lives and reaches the account', async () => {
    const { meta } = all;
    expect((await fetch(`${meta.url}/v25.0/me?access_token=${TOKEN}`)).status).toBe(200);
    const none = await fetch(`${meta.url}/v25.0/${PAGE}`);
    expect(((await none.json()) as { error: { code: number } }).error.code).toBe(104);
    expect(code(await graphClient(meta, 'EAAmade-up').get('me'))).toEqual([400, 190, undefined]);
    expect(code(await graphClient(meta, TOKEN).get(PHONE))).toEqual([400, 100, 33]);
    await meta.configure({ tokens: { [TOKEN]: 'revoked' } });
    expect(code(await graphClient(meta, TOKEN).get('me'))).toEqual([401, 190, 460]);
    await meta.configure({ tokens: { [TOKEN]: 'expired' } });
    expect(code(await graphClient(meta, TOKEN).get('me'))).toEqual([401, 190, 463]);
    await meta.configure({ replace_tokens: { [TOKEN]: 'EAAfresh' } });
    expect((await graphClient(meta, 'EAAfresh').get('me')).body).toMatchObject({ id: PAGE });
    const debug = await graphClient(meta, `${demoApp.id}|${demoApp.secret}`).get(`debug_token?input_token=${TOKEN}`);
    expect(debug.body.data).toMatchObject({ is_valid: false, app_id: demoApp.id });
  });

  it('checks appsecret_proof where it is given, and wants it where the app requires it', async () => {
    const { meta } = all;
    const graph = graphClient(meta, TOKEN);
    const wrong = await graph.get(`me?appsecret_proof=${'0'.repeat(64)}`);
    expect([wrong.status, wrong.body.error]).toEqual([
      400,
      expect.objectContaining({
        code: 100,
        type: 'GraphMethodException',
        message: 'Invalid appsecret_proof provided in the API argument',
      }),
    ]);
    await meta.configure({ require_proof: true });
    expect((await graph.get('me')).body.error.message).toBe(
      'API calls from the server require an appsecret_proof argument',
    );
    expect((await graph.get(`me?appsecret_proof=${appSecretProof(demoApp.secret, TOKEN)}`)).status).toBe(200);
    const { from } = meta.inbound({ channel: 'messenger', text: 'hi' });
    const body = {
      recipient: { id: from },
      message: { text: 'x' },
      appsecret_proof: appSecretProof(demoApp.secret, TOKEN),
    };
    expect((await graph.post('me/messages', body)).status).toBe(200);
  });

  it('shows the use of the limit, and refuses with the code configured once it is full', async () => {
    const { meta, clock } = all;
    const graph = graphClient(meta, TOKEN);
    await meta.configure({ rate_limit: { calls: 2, per_ms: 600_000, code: 32 } });
    const first = await graph.get('me');
    expect(JSON.parse(first.headers.get('x-app-usage') ?? '')).toMatchObject({ call_count: 50 });
    await graph.get('me');
    const full = await graph.get('me');
    expect(code(full)).toEqual([400, 32, undefined]);
    expect(JSON.parse(full.headers.get('x-business-use-case-usage') ?? '')).toEqual({
      [PAGE]: [
        { type: 'pages', call_count: 100, total_cputime: 25, total_time: 25, estimated_time_to_regain_access: 10 },
      ],
    });
    clock.time += 600_001;
    expect((await graph.get('me')).status).toBe(200);
    for (const limit of [4, 17, 613, 80007] as const) {
      await meta.configure({ rate_limit: { calls: 0, per_ms: 1000, code: limit } });
      expect((await graph.get('me')).body.error.code).toBe(limit);
    }
    await meta.configure({ rate_limit: null });
    expect((await graph.get('me')).status).toBe(200);
  });

  it('fails in Meta’s words under faults', async () => {
    const { meta } = all;
    const graph = graphClient(meta, TOKEN);
    meta.faults.add({ where: 'api', kind: 'status', status: 500, times: 1 });
    const unknown = await graph.get('me');
    expect([unknown.status, unknown.body.error]).toEqual([
      500,
      expect.objectContaining({ code: 1, is_transient: true }),
    ]);
    meta.faults.add({ where: 'api', kind: 'status', status: 503, times: 1 });
    const service = await graph.get('me');
    expect([service.status, service.body.error]).toEqual([
      503,
      expect.objectContaining({ code: 2, is_transient: true }),
    ]);
    meta.faults.add({ where: 'api', kind: 'status', status: 429, times: 2 });
    const throttled = await graph.get(PAGE);
    expect([...code(throttled), throttled.headers.get('x-app-usage')]).toEqual([
      429,
      613,
      undefined,
      expect.stringContaining('"call_count":100'),
    ]);
    expect(code(await graph.get(PHONE))).toEqual([429, 80007, undefined]);
    meta.faults.add({ where: 'api', kind: 'revoked_token', times: 1 });
    expect(code(await graph.get('me'))).toEqual([401, 190, 460]);
    expect(meta.calls().map(({ status, code: failed }) => [status, failed])).toEqual([
      [500, 1],
      [503, 2],
      [429, 613],
      [429, 80007],
      [401, 190],
    ]);
  });
});

describe('the control API', () => {
  const control = async (path: string, body?: unknown) => {
    const init = body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) };
    const answer = await fetch(`${all.meta.url}/_control/${path}`, init);
    return [answer.status, await answer.json()] as [
      number,
      { data: Record<string, unknown>[]; [name: string]: unknown },
    ];
  };

  it('does what the handle does', async () => {
    const { ours, meta } = all;
    const [, about] = await control('');
    expect(about).toMatchObject({ vendor: 'meta', graph: `${meta.url}/v25.0`, config: { batch: 1 } });
    expect(await control('config', about['config'])).toMatchObject([200, {}]);
    await control('config', { batch: 5 });
    const [, made] = await control('inbound', { channel: 'messenger', from: { name: 'Ida' }, text: 'hi' });
    expect(made).toMatchObject({ account: PAGE, id: expect.stringMatching(/^m_/) as string });
    expect(await control('flush', {})).toEqual([200, { posts: 1 }]);
    await control('raw', { object: 'instagram', entry: [{ broken: true }] });
    await meta.idle();
    expect(ours.posted.map(({ body }) => body.object).sort()).toEqual(['instagram', 'page']);
    await graphClient(meta, TOKEN).post('me/messages', { recipient: { id: made['from'] }, message: { text: 'hello' } });
    expect((await control('sent'))[1].data).toMatchObject([{ text: 'hello' }]);
    expect((await control('calls'))[1].data).toMatchObject([{ method: 'POST', status: 200 }]);
    expect((await control('subscriptions'))[1].data).toHaveLength(3);
    await control('reset', {});
    expect((await control('sent'))[1].data).toEqual([]);
    expect((await control('subscriptions'))[1].data).toHaveLength(3);
  });

  it('says what is wrong with a body', async () => {
    const bad = async (path: string, body: unknown): Promise<unknown> => {
      const [status, answer] = await control(path, body);
      return [status, (answer['error'] as unknown as { message: string }).message];
    };
    expect(await bad('inbound', { channel: 'sms' })).toEqual([
      400,
      expect.stringContaining('"channel" must be one of messenger'),
    ]);
    expect(await bad('inbound', { channel: 'messenger', kind: 'reaction' })).toEqual([400, '"reaction" needs "mid"']);
    expect(await bad('inbound', { channel: 'messenger', at: 'yesterday' })).toEqual([
      400,
      expect.stringContaining('ISO 8601'),
    ]);
    expect(await bad('inbound', { channel: 'messenger', account: PHONE })).toEqual([
      400,
      expect.stringContaining('is a phone account'),
    ]);
    expect(await bad('config', { webhook: {} })).toEqual([400, expect.stringContaining('unknown webhook')]);
    expect(await bad('config', { webhooks: { page: 'http://127.0.0.1:9/' } })).toEqual([
      400,
      expect.stringContaining('(#2200)'),
    ]);
    expect(await bad('raw', { object: 'user' })).toEqual([400, expect.stringContaining('"object" must be one of')]);
  });
});
