import { demoApp, retryWaits, startMetaSimulator } from './index.js';
import type { MetaSimulator, MetaSimulatorOptions } from './index.js';
import { genuine, JumpingClock, startReceiver } from './testing/receiver.js';
import type { Receiver } from './testing/receiver.js';

const open: { close(): Promise<void> }[] = [];

async function set(
  options: MetaSimulatorOptions = {},
): Promise<{ meta: MetaSimulator; ours: Receiver; clock: JumpingClock }> {
  const ours = await startReceiver(demoApp.verifyToken);
  open.push(ours);
  const clock = new JumpingClock();
  const meta = await startMetaSimulator({ clock, ...options });
  open.push(meta);
  await meta.configure({ webhooks: { page: ours.url, instagram: ours.url, whatsapp_business_account: ours.url } });
  return { meta, ours, clock };
}

afterEach(async () => {
  for (const each of open.splice(0).reverse()) await each.close();
});

describe('a subscription', () => {
  it('is made when the challenge comes back, and refused with 2200 when it does not', async () => {
    const { meta, ours } = await set();
    expect(meta.subscriptions().map(({ object, active }) => [object, active])).toEqual([
      ['page', true],
      ['instagram', true],
      ['whatsapp_business_account', true],
    ]);
    const wrong = meta.configure({ webhooks: { page: `${ours.url}/other` }, verify_token: 'guessed' });
    await expect(wrong).rejects.toThrow(/^\(#2200\) Callback verification failed .* HTTP Status Code = 403$/);
    await expect(meta.configure({ webhooks: { page: 'http://127.0.0.1:9/hooks' } })).rejects.toThrow('(#2200)');
    expect(meta.subscriptions()[0]?.callback_url).toBe(ours.url);
  });

  it('of the options fails the start where the receiver refuses it', async () => {
    const ours = await startReceiver('another token');
    open.push(ours);
    const starting = startMetaSimulator({ apps: [{ ...demoApp, webhooks: { page: ours.url } }] });
    await expect(starting).rejects.toThrow('(#2200)');
  });

  it('can be made, listed and dropped by an app token', async () => {
    const { meta, ours } = await set();
    const url = `${meta.url}/v25.0/${demoApp.id}/subscriptions`;
    const token = `${demoApp.id}|${demoApp.secret}`;
    const asked = {
      object: 'page',
      callback_url: ours.url,
      verify_token: demoApp.verifyToken,
      fields: 'messages,feed',
      access_token: token,
    };
    const made = await fetch(url, { method: 'POST', body: new URLSearchParams(asked) });
    expect(await made.json()).toEqual({ success: true });
    meta.inbound({ channel: 'messenger', kind: 'read' });
    meta.inbound({ channel: 'messenger', text: 'hi' });
    await meta.idle();
    expect(ours.items()).toHaveLength(1);
    const list = (await (await fetch(`${url}?access_token=${encodeURIComponent(token)}`)).json()) as {
      data: { fields: unknown }[];
    };
    expect(list.data[0]?.fields).toEqual([
      { name: 'messages', version: 'v25.0' },
      { name: 'feed', version: 'v25.0' },
    ]);
    const refused = await fetch(url, { method: 'POST', body: new URLSearchParams({ ...asked, verify_token: 'no' }) });
    expect([refused.status, ((await refused.json()) as { error: { code: number } }).error.code]).toEqual([400, 2200]);
    await fetch(`${url}?object=page&access_token=${encodeURIComponent(token)}`, { method: 'DELETE' });
    meta.inbound({ channel: 'messenger', text: 'nobody listens' });
    await meta.idle();
    expect(ours.items()).toHaveLength(1);
  });
});

describe('deliveries', () => {
  it('are signed over the bytes sent, non-ASCII escaped', async () => {
    const { meta, ours } = await set();
    meta.inbound({ channel: 'messenger', text: 'Grüße 🚀', at: '2026-11-22T08:00:00Z' });
    await meta.idle();
    const [posted] = ours.posted;
    expect(posted && genuine(posted, demoApp.secret)).toBe(true);
    expect(posted?.raw.toString('latin1')).toContain('"text":"Gr\\u00fc\\u00dfe \\ud83d\\ude80"');
    expect(ours.items()[0]).toMatchObject({ timestamp: Date.UTC(2026, 10, 22, 8), message: { text: 'Grüße 🚀' } });
  });

  it('are tried again at once, then ever more seldom for 36 hours; then the subscription is off, and says so', async () => {
    const { meta, ours, clock } = await set();
    const began = clock.now();
    ours.down = 503;
    meta.inbound({ channel: 'messenger', text: 'one' });
    await meta.idle();
    expect(ours.posted).toHaveLength(retryWaits('page').length + 1);
    expect(new Set(ours.posted.map(({ raw }) => raw.toString())).size).toBe(1);
    expect(clock.now() - began).toBe(36 * 3_600_000);
    expect(meta.subscriptions()[0]).toMatchObject({ object: 'page', active: false, missed: 0 });
    delete ours.down;
    meta.inbound({ channel: 'messenger', text: 'two' });
    await meta.idle();
    expect(meta.subscriptions()[0]).toMatchObject({ missed: 1, disabled_at: new Date(clock.now()).toISOString() });
    await meta.configure({ webhooks: { page: ours.url } });
    meta.inbound({ channel: 'messenger', text: 'three' });
    await meta.idle();
    expect(meta.subscriptions().find(({ object }) => object === 'page')?.active).toBe(true);
    expect(ours.posted.at(-1)?.raw.toString()).toContain('three');
  });

  it('of WhatsApp are tried for 7 days', () => {
    const waits = retryWaits('whatsapp_business_account');
    expect(waits[0]).toBe(0);
    expect(waits.reduce((sum, wait) => sum + wait, 0)).toBe(7 * 24 * 3_600_000);
    const rising = waits.slice(0, -1);
    expect([...rising].sort((a, b) => a - b)).toEqual(rising);
  });

  it('stop being tried once the receiver takes them; the retries carry the same bytes', async () => {
    const { meta, ours } = await set();
    ours.statuses.push(500, 502);
    meta.inbound({ channel: 'whatsapp', text: 'one' });
    await meta.idle();
    expect(ours.posted).toHaveLength(3);
    expect(meta.deliveries().map(({ attempt, status }) => [attempt, status])).toEqual([
      [1, 500],
      [2, 502],
      [3, 200],
    ]);
  });

  it('are held by `batch` and sent together, at most so many in one POST', async () => {
    const { meta, ours } = await set({ batch: 1000 });
    for (let i = 0; i < 1003; i++) meta.inbound({ channel: 'messenger', from: `2${i}`, text: `no. ${i}` });
    await meta.idle();
    expect(ours.posted.map(({ body }) => body.entry.length)).toEqual([1000]);
    expect(meta.flush()).toBe(1);
    await meta.idle();
    expect(ours.posted.map(({ body }) => body.entry.length)).toEqual([1000, 3]);
    expect(ours.items().map((item) => (item['message'] as { text: string }).text)).toEqual(
      Array.from({ length: 1003 }, (_, i) => `no. ${i}`),
    );
    await expect(meta.configure({ batch: 1001 })).rejects.toThrow('from 1 to 1000');
  });

  it('gather the changes of one account in one entry, and conversations in one each', async () => {
    const { meta, ours } = await set({ batch: 10 });
    meta.inbound({ channel: 'page_comment', text: 'a' });
    meta.inbound({ channel: 'page_comment', text: 'b' });
    meta.inbound({ channel: 'messenger', text: 'c' });
    meta.inbound({ channel: 'messenger', text: 'd' });
    meta.flush();
    await meta.idle();
    const [posted] = ours.posted;
    expect(
      posted?.body.entry.map((entry) =>
        Object.entries(entry).map(([name, value]) => (Array.isArray(value) ? `${name} ${value.length}` : name)),
      ),
    ).toEqual([
      ['id', 'time', 'changes 2'],
      ['id', 'time', 'messaging 1'],
      ['id', 'time', 'messaging 1'],
    ]);
  });

  it('are dropped, doubled and put out of order by faults', async () => {
    const { meta, ours } = await set();
    meta.faults.add({ where: 'webhook', kind: 'drop', times: 1 });
    meta.inbound({ channel: 'messenger', text: 'lost' });
    meta.faults.add({ where: 'webhook', kind: 'duplicate', times: 1 });
    meta.inbound({ channel: 'messenger', text: 'twice' });
    await meta.idle();
    meta.faults.add({ where: 'webhook', kind: 'reorder', times: 1 });
    meta.inbound({ channel: 'messenger', text: 'first' });
    meta.inbound({ channel: 'messenger', text: 'second' });
    await meta.idle();
    const texts = ours.items().map((item) => (item['message'] as { text: string }).text);
    expect(texts).toEqual(['twice', 'twice', 'second', 'first']);
  });

  it('can be poison: any entry, signed', async () => {
    const { meta, ours } = await set();
    expect(meta.raw({ object: 'page', entry: [{ id: 42, messaging: 'not a list' }, null] })).toBe(1);
    await meta.idle();
    expect(ours.posted[0]?.body).toEqual({ object: 'page', entry: [{ id: 42, messaging: 'not a list' }, null] });
    expect(ours.posted[0] && genuine(ours.posted[0], demoApp.secret)).toBe(true);
  });

  it('go to every app that was given the account, each signed with its own secret', async () => {
    const second = {
      id: '900100200300',
      secret: 'another-secret',
      verifyToken: demoApp.verifyToken,
      pages: [{ id: '104857620015542', name: 'Harbour Outdoor', accessToken: 'EAAsecond' }],
    };
    const ours = await startReceiver(demoApp.verifyToken);
    open.push(ours);
    const hooks = { webhooks: { page: ours.url } };
    const meta = await startMetaSimulator({
      apps: [
        { ...demoApp, ...hooks },
        { ...second, ...hooks },
      ],
    });
    open.push(meta);
    meta.inbound({ channel: 'messenger', text: 'hi' });
    await meta.idle();
    expect(
      ours.posted.map((posted) => [genuine(posted, demoApp.secret), genuine(posted, second.secret)]).sort(),
    ).toEqual([
      [false, true],
      [true, false],
    ]);
    await expect(meta.configure(hooks)).rejects.toThrow('name the "app"');
  });
});
