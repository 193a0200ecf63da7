import { demoApp } from '@fanin/simulators/meta';
import { configFor, PAGE_ID } from './testing/simulated-page.js';
import { run, type Running } from './testing/running.js';

let running: Running;
afterEach(() => running.close());

const subscribe = (account = 'shop'): Promise<void> =>
  running.page.meta.configure({ app: demoApp.id, webhooks: { page: running.door.urlOf(account) } });

describe('the webhook, delivered to by Meta', () => {
  it('passes the challenge with the right word only', async () => {
    running = await run();
    await subscribe();
    expect(running.page.meta.subscriptions()).toMatchObject([{ object: 'page', active: true }]);
    const wrong = running.page.meta.configure({
      webhooks: { page: running.door.urlOf('shop') },
      verify_token: 'wrong',
    });
    await expect(wrong).rejects.toThrow();
    const query = '?hub.mode=subscribe&hub.challenge=%3Cb%3E1158201444&hub.verify_token=';
    const right = await fetch(`${running.door.urlOf('shop')}${query}${demoApp.verifyToken}`);
    expect([right.status, right.headers.get('content-type'), await right.text()]).toEqual([
      200,
      'text/plain; charset=utf-8',
      '<b>1158201444',
    ]);
    expect((await fetch(`${running.door.urlOf('shop')}${query}`)).status).toBe(403);
  });

  it('takes a batch of 1,000 in one delivery, each message once', async () => {
    running = await run({ batch: 1_000 });
    await subscribe();
    for (let n = 0; n < 1_000; n++)
      running.page.meta.inbound({ channel: 'messenger', text: `question ${n}`, from: { name: `Customer ${n}` } });
    await running.page.meta.idle();
    expect(running.door.stored).toHaveLength(1);
    const [batch] = await running.door.normalised('shop');
    expect(batch?.messages).toHaveLength(1_000);
    expect(new Set(batch?.messages.map((message) => message.provider_message_id)).size).toBe(1_000);
    expect(new Set(batch?.messages.map((message) => message.conversation_key)).size).toBe(1_000);
    expect(batch?.rejected).toBeUndefined();
  });

  it('sets a poisonous entry aside and answers 200', async () => {
    running = await run();
    await subscribe();
    const at = Date.now();
    const good = (mid: string): unknown => ({
      sender: { id: '71' },
      recipient: { id: PAGE_ID },
      timestamp: at,
      message: { mid, text: mid },
    });
    const odd = [{ timestamp: {} }, null, 7, { sender: { id: ['x'] }, message: { mid: '__proto__' } }, { message: {} }];
    const entry = [
      { id: PAGE_ID, time: at, messaging: [good('m_1')] },
      ...odd.map((poison) => ({ id: PAGE_ID, time: at, messaging: [poison] })),
      { id: PAGE_ID, time: at, messaging: [good('m_2')] },
    ];
    running.page.meta.raw({ object: 'page', entry });
    await running.page.meta.idle();
    expect(running.page.meta.deliveries().map(({ status }) => status)).toEqual([200]);
    const [batch] = await running.door.normalised('shop');
    expect(batch?.messages.map(({ text }) => text)).toEqual(['m_1', 'm_2']);
    expect((batch?.rejected?.length ?? 0) + (batch?.ignored === undefined ? 0 : 1)).toBeGreaterThanOrEqual(4);
    for (const { code, at: place } of batch?.rejected ?? []) {
      expect(code).toBe('BAD_PAYLOAD');
      expect(place).toBeGreaterThanOrEqual(1);
    }
  });

  it('loses nothing while the log is away, and makes the same ids of what comes again', async () => {
    running = await run();
    await subscribe();
    running.door.down = true;
    const sent = running.page.meta.inbound({ channel: 'messenger', text: 'are you there?' });
    await waitFor(() => running.page.meta.deliveries().some(({ status }) => status === 503));
    expect(running.door.stored).toHaveLength(0);
    running.door.down = false;
    await waitFor(() => running.door.stored.length > 0);
    running.page.meta.faults.add({ where: 'webhook', kind: 'no_answer_after_accept', times: 1 });
    running.page.meta.faults.add({ where: 'webhook', kind: 'duplicate', times: 1 });
    const second = running.page.meta.inbound({ channel: 'messenger', text: 'hello again' });
    await running.page.meta.idle();
    const ids = (await running.door.normalised('shop')).flatMap(({ messages }) =>
      messages.map((message) => message.provider_message_id),
    );
    expect(ids.length).toBeGreaterThan(2);
    expect([...new Set(ids)]).toEqual([sent.id, second.id]);
  });
});

async function waitFor(holds: () => boolean): Promise<void> {
  const end = Date.now() + 10_000;
  while (!holds()) {
    if (Date.now() > end) throw new Error('it did not come to pass within 10 s');
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

describe('two tenants with Pages of one app', () => {
  const OTHER = { id: '204857620015543', name: 'Other Shop', accessToken: 'EAALrdemoPageToken204857620015543' };
  const [firstPage] = demoApp.pages ?? [];
  const apps = [{ ...demoApp, pages: [...(firstPage === undefined ? [] : [firstPage]), OTHER] }];

  it('see nothing of each other, byte for byte, whichever address Meta calls', async () => {
    running = await run({ apps, batch: 3 });
    running.add('other', { ...configFor(running.page.meta.url), page_id: OTHER.id, access_token: OTHER.accessToken });
    await subscribe();
    running.page.meta.inbound({ channel: 'messenger', account: PAGE_ID, text: 'for the shop: ä "quoted" \\ [1]' });
    running.page.meta.inbound({ channel: 'messenger', account: OTHER.id, text: 'for the other: secret order' });
    running.page.meta.inbound({ channel: 'messenger', account: PAGE_ID, text: 'again for the shop' });
    await running.page.meta.idle();
    expect(running.door.stored.map(({ accountId }) => accountId).sort()).toEqual(['other', 'shop']);
    const bodyOf = (id: string): string =>
      running.door.stored.find(({ accountId }) => accountId === id)?.delivery.body.toString('utf8') ?? '';
    expect(bodyOf('shop')).not.toMatch(/secret order/);
    expect(bodyOf('shop')).toMatch(/\\u00e4/);
    expect(bodyOf('other')).not.toMatch(/for the shop/);
    const texts = async (id: string): Promise<string[]> =>
      (await running.door.normalised(id)).flatMap(({ messages }) => messages.map(({ text }) => text));
    expect(await texts('shop')).toEqual(['for the shop: ä "quoted" \\ [1]', 'again for the shop']);
    expect(await texts('other')).toEqual(['for the other: secret order']);
  });

  it('do not meet when the second does not hold the secret of the app', async () => {
    running = await run({ apps, batch: 2 });
    const thief = { ...configFor(running.page.meta.url), page_id: OTHER.id, app_secret: 'guessed-guessed-guessed' };
    running.add('thief', thief);
    await subscribe();
    running.page.meta.inbound({ channel: 'messenger', account: PAGE_ID, text: 'one' });
    running.page.meta.inbound({ channel: 'messenger', account: OTHER.id, text: 'two' });
    await running.page.meta.idle();
    expect(running.door.stored.map(({ accountId }) => accountId)).toEqual(['shop']);
    const [batch] = await running.door.normalised('shop');
    expect(batch?.messages.map(({ text }) => text)).toEqual(['one']);
    expect(batch?.ignored).toMatchObject({ rule: 'unknown_page' });
  });

  it('cannot both have one Page', async () => {
    running = await run({ apps });
    expect(() => running.add('twin', configFor(running.page.meta.url))).toThrow(/page_id 104857620015542 belongs/);
  });
});
