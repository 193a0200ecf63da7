import type { OutboundReceiptV1 } from '@fanin/contracts';
import { keepProviderNews, lockNews, providerIdSubject } from './receipts/receipt-rows.js';
import { clock, HostFixture, until, type RunningHost } from './spec-support/host-fixture.js';
import { account, reply } from './spec-support/samples.js';
import { ScriptedProvider, scriptedChannel } from './spec-support/scripted-channels.js';

describe('receipts', () => {
  let fixture: HostFixture;
  let hosts: RunningHost[] = [];

  beforeAll(async () => {
    fixture = await HostFixture.start();
  });
  afterEach(async () => {
    await Promise.all(hosts.map((host) => host.stop()));
    hosts = [];
  });
  afterAll(() => fixture.stop());

  const channelOf = (prefix: string, provider: ScriptedProvider) =>
    scriptedChannel(provider, { slug: `social-${prefix}`, capture: 'webhook', sending: 'once' });
  const start = async (prefix: string, provider: ScriptedProvider): Promise<void> => {
    await fixture.topics(prefix);
    const accounts = [account(`${prefix}-a`, `social-${prefix}`), account(`${prefix}-b`, `social-${prefix}`)];
    // Long, so that a busy machine makes no reply 'unknown' that only waits for a processor.
    const parts = fixture.parts(prefix, { timings: { sendTimeoutMs: 15_000 } });
    hosts.push(await fixture.host(parts, [channelOf(prefix, provider)], accounts));
  };
  const news = (prefix: string, news: readonly object[], id = `${prefix}-a`) =>
    fixture.capture(prefix, channelOf(prefix, new ScriptedProvider()), id, { news });
  const send = (prefix: string, id: string, room = 'room') =>
    fixture.send(prefix, reply(`${prefix}-${id}`, `${prefix}-a`, `social-${prefix}`, room));
  const told = async (prefix: string): Promise<string[]> =>
    (await fixture.receipts(prefix)).map(({ outbound_id: id, status }) => `${id.slice(prefix.length + 1)} ${status}`);
  const decided = (prefix: string, count: number) =>
    until('the news are read', async () => (await fixture.fates(prefix)).length >= count);
  const hanging = (provider: ScriptedProvider): (() => void) => {
    let go: () => void = () => undefined;
    const until = new Promise<void>((resolve) => (go = resolve));
    provider.onSend = () => until;
    return () => go();
  };

  it('come to the reply by the id of the provider, and only to replies of their own account', async () => {
    await start('r1', new ScriptedProvider());
    await send('r1', 'x');
    await until('sent', async () => (await told('r1')).length === 1);
    const at = '2026-11-21T09:00:00.000Z';
    await news('r1', [{ provider_message_id: 'p-r1-x', status: 'failed', code: 'PERMISSION', reason: '30006', at }]);
    await news('r1', [{ provider_message_id: 'p-r1-x', status: 'read' }], 'r1-b');
    await news('r1', [{ provider_message_id: 'p-somebody-elses', status: 'read' }]);
    await decided('r1', 3);
    expect(await fixture.receipts('r1')).toEqual([
      expect.objectContaining({ outbound_id: 'r1-x', status: 'sent', provider_message_id: 'p-r1-x' }),
      {
        outbound_id: 'r1-x',
        tenant: 'shop',
        account_id: 'r1-a',
        status: 'failed',
        provider_message_id: 'p-r1-x',
        code: 'PERMISSION',
        reason: '30006',
        at,
      } satisfies OutboundReceiptV1,
    ]);
    expect((await fixture.fates('r1')).map(({ fate, rule }) => `${fate} ${rule}`)).toEqual(
      Array.from({ length: 3 }, () => 'ignored receipt'),
    );
  });

  it('that come before the answer of the provider are kept, and follow it', async () => {
    const provider = new ScriptedProvider();
    const answer = hanging(provider);
    await start('r2', provider);
    await send('r2', 'x');
    await until('taken', () => provider.sent.length === 1);
    await news('r2', [
      { provider_message_id: 'p-r2-x', status: 'delivered', at: '2026-11-21T09:00:00.000Z' },
      { provider_message_id: 'p-r2-x', status: 'read', at: '2026-11-21T09:00:05.000Z' },
    ]);
    await news('r2', [{ provider_message_id: 'p-r2-x', status: 'delivered', at: '2026-11-21T09:00:00.000Z' }]);
    await decided('r2', 2);
    expect(await told('r2')).toEqual([]);
    answer();
    await until('all told', async () => (await told('r2')).length >= 3);
    expect(await told('r2')).toEqual(['x sent', 'x delivered', 'x read']);
    expect(await fixture.rows(`SELECT * FROM channels.receipt_news WHERE account_id = 'r2-a'`)).toEqual([]);
  });

  it('by a watermark reach all replies up to it, once, also one whose sending has not ended', async () => {
    const provider = new ScriptedProvider();
    await start('r3', provider);
    await send('r3', '1');
    await send('r3', '2');
    await send('r3', 'elsewhere', 'another room');
    await until('sent', async () => (await told('r3')).length === 3);
    const answer = hanging(provider);
    await send('r3', '3');
    await until('taken', () => provider.sent.length === 4);
    const mark = (upTo: number) => ({
      status: 'read',
      watermark: { conversation_key: 'room', up_to: new Date(upTo).toISOString() },
    });
    // The database counts microseconds.
    const now = clock.now() + 1;
    await news('r3', [mark(now)]);
    await news('r3', [mark(now - 60_000), mark(now)]);
    await decided('r3', 2);
    await until('told', async () => (await told('r3')).length >= 5);
    expect((await told('r3')).sort()).toEqual(['1 read', '1 sent', '2 read', '2 sent', 'elsewhere sent']);
    answer();
    await until('told late', async () => (await told('r3')).length >= 7);
    expect((await told('r3')).slice(5)).toEqual(['3 sent', '3 read']);
    provider.onSend = undefined;
    await send('r3', '4');
    await until('after the mark', async () => (await told('r3')).includes('4 sent'));
    await news('r3', [mark(clock.now() + 1_000)]);
    await until('the next', async () => (await told('r3')).includes('4 read'));
    expect(await told('r3')).toHaveLength(9);
  });

  it('that are being kept are waited for by the end of the reply', async () => {
    await start('r6', new ScriptedProvider());
    await fixture.database.transaction('*', async (client) => {
      await lockNews(client, 'r6-a', 'exclusive');
      await send('r6', 'x');
      await until('it waits', async () => {
        const waiting = await fixture.rows("SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted");
        return waiting.length > 0;
      });
      const owner = { id: 'r6-a', tenant: 'shop' };
      const news = { status: 'delivered', code: null, reason: null, at: '2026-11-21T09:00:00.000Z' } as const;
      await keepProviderNews(client, owner, [{ ...news, subject: providerIdSubject('p-r6-x') }]);
    });
    await until('both told', async () => (await told('r6')).length === 2);
    expect(await told('r6')).toEqual(['x sent', 'x delivered']);
  });

  it('are not lost in any order between two replicas', async () => {
    const providers = [new ScriptedProvider(), new ScriptedProvider()];
    const ids = Array.from({ length: 60 }, (_, i) => String(i));
    for (const provider of providers) {
      provider.onSend = async (id) => {
        await clock.sleep(Math.random() * 20);
        await news('r4', [{ provider_message_id: `p-${id}`, status: 'delivered' }]);
        await clock.sleep(Math.random() * 40);
      };
      await start('r4', provider);
    }
    await fixture.send('r4', ...ids.map((id) => reply(`r4-${id}`, 'r4-a', 'social-r4', `room ${id}`)));
    const all = (status: string) => ids.map((id) => `${id} ${status}`).sort();
    const of = async (status: string) => (await told('r4')).filter((each) => each.endsWith(status)).sort();
    await until('all sent', async () => (await of('sent')).length === ids.length, 40_000);
    await until('all delivered', async () => (await of('delivered')).length >= ids.length, 40_000);
    expect(await of('sent')).toEqual(all('sent'));
    expect([...new Set(await of('delivered'))]).toEqual(all('delivered'));
    expect(await fixture.rows(`SELECT * FROM channels.receipt_news WHERE account_id = 'r4-a'`)).toEqual([]);
  });

  it('and replies are forgotten after 90 days', async () => {
    await fixture.rows(
      `INSERT INTO channels.outbound (outbound_id, tenant, account_id, channel_slug, conversation, state, held_until, updated_at)
       SELECT 'r5-' || d, 'shop', 'r5-a', 'social-r5', 'room', CASE d WHEN 92 THEN 'sending' ELSE 'done' END,
         now() + interval '1 hour', now() - make_interval(days => d)
       FROM unnest(ARRAY[89, 91, 92]) d`,
    );
    await fixture.rows(
      `INSERT INTO channels.receipt_news (tenant, account_id, kind, subject, status, at, created_at)
       SELECT 'shop', 'r5-a', 'provider_id', 's' || d, 'read', now(), now() - make_interval(days => d) FROM unnest(ARRAY[89, 91]) d`,
    );
    await start('r5', new ScriptedProvider());
    const left = async () => [
      ...(await fixture.rows<{ id: string }>(
        `SELECT outbound_id AS id FROM channels.outbound WHERE account_id = 'r5-a' ORDER BY 1`,
      )),
      ...(await fixture.rows<{ id: string }>(
        `SELECT subject AS id FROM channels.receipt_news WHERE account_id = 'r5-a' ORDER BY 1`,
      )),
    ];
    await until('forgotten', async () => (await left()).length === 3);
    expect((await left()).map(({ id }) => id)).toEqual(['r5-89', 'r5-92', 's89']);
  });
});
