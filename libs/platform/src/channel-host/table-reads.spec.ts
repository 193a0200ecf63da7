import { isoTime, noMetrics, silentLogger } from '@fanin/kernel';
import { PLAN_ROWS } from '@fanin/test-kit';
import pg from 'pg';
import { startOutboxRelay } from '../outbox/outbox-relay.js';
import { Consents } from './consents/consents.js';
import { createConversationLog } from './conversations/conversation-log.js';
import { OutboundQueue } from './deliver/outbound-queue.js';
import { MediaQueue } from './media/media-queue.js';
import { ReceiptResolver } from './receipts/receipt-resolver.js';
import { clock, HostFixture, until } from './spec-support/host-fixture.js';
import { reply } from './spec-support/samples.js';

/** Years of a shop: everything that is over, none of it old enough to be let go. */
const FILL = [
  `INSERT INTO channels.outbound (outbound_id, tenant, account_id, channel_slug, conversation, state, outcome, provider_message_id, sent_at, updated_at)
   SELECT 'old-' || n, 'shop', 'mail', 'email-smtp', 'room-' || n % 5000, 'done', 'sent', 'provider-' || n, t, t
   FROM generate_series(1, $1::int) n, LATERAL (SELECT now() - n * interval '1 minute' / 2 AS t) times`,
  `INSERT INTO channels.media (media_id, tenant, account_id, channel_slug, remote, target, state, next_attempt_at)
   SELECT 'old-' || n, 'shop', 'mail', 'email-smtp', '{}', '{}', 'done', now() FROM generate_series(1, $1::int) n`,
  `INSERT INTO channels.conversations (conversation_id, last_seq) SELECT 'room-' || n, 20 FROM generate_series(0, $1::int / 20 - 1) n`,
  `INSERT INTO channels.entries (conversation_id, seq, direction, entry_id, payload)
   SELECT 'room-' || n / 20, 1 + n % 20, 'inbound', 'old-' || n, '{}' FROM generate_series(0, $1::int - 1) n`,
  `INSERT INTO channels.consents (account_id, conversation_hash, tenant, state, evidence, at)
   SELECT 'mail', md5(n::text), 'shop', 'opted_out', 'STOP', now() FROM generate_series(1, $1::int) n`,
  `INSERT INTO channels.receipt_news (tenant, account_id, kind, subject, status, at)
   SELECT 'shop', 'mail', 'provider_id', md5(n::text), 'read', now() FROM generate_series(1, $1::int) n`,
  `INSERT INTO platform.outbox (service, topic, records, record_count)
   SELECT 'another', 'topic', '', 1 FROM generate_series(1, $1::int) n`,
];

/** By table with many rows: how often it was read from end to end since the statistics began. */
const READS = `
  SELECT s.schemaname || '.' || s.relname AS name, s.seq_scan::int AS reads
  FROM pg_stat_user_tables s JOIN pg_class c ON c.oid = s.relid WHERE c.reltuples >= $1`;

/**
 * PostgreSQL's own count of what was read from end to end, so that what runs inside functions and on connections of its own
 * (the feed of transcripts, the relay of the outbox) is seen as well.
 */
describe(`tables of the channels with ${PLAN_ROWS.toLocaleString('en')} rows each`, () => {
  let fixture: HostFixture;

  beforeAll(async () => {
    fixture = await HostFixture.start();
    await fixture.topics('reads');
    await fixture.database.transaction('*', async (client) => {
      for (const sql of FILL) await client.query(sql, [PLAN_ROWS]);
    });
    await fixture.database.pool.query('ANALYZE');
  }, 600_000);
  afterAll(() => fixture.stop());

  /** A backend tells what it has read ten seconds after it fell idle, or when it ends: all others are ended. */
  const reads = async (): Promise<Readonly<Record<string, number>>> => {
    const client = new pg.Client({ ...fixture.database.pool.options, application_name: 'reads' });
    await client.connect();
    try {
      await client.query(
        "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE application_name LIKE 'fanin%' AND datname = current_database() AND usename = current_user",
      );
      const { rows } = await client.query<{ name: string; reads: number }>(READS, [PLAN_ROWS / 20]);
      return Object.fromEntries(rows.map((row) => [row.name, row.reads]));
    } finally {
      await client.end();
    }
  };

  it('are not read from end to end by replies, receipts, attachments, transcripts and the outbox', async () => {
    const parts = fixture.parts('reads');
    const before = await reads();
    expect(Object.keys(before).sort()).toEqual([
      ...['channels.consents', 'channels.conversations', 'channels.entries', 'channels.media', 'channels.outbound'],
      ...['channels.receipt_news', 'platform.outbox'],
    ]);
    const account = { id: 'mail', tenant: 'shop', slug: 'email-smtp' };

    const queue = new OutboundQueue(parts);
    const relay = startOutboxRelay({ ...parts, logger: silentLogger, metrics: noMetrics, service: 'reads' });
    for (let round = 0; round < 8; round += 1) {
      await queue.add([1, 2, 3].map((n) => reply(`new-${round}-${n}`, 'mail', 'email-smtp', `room-${n}`)));
      const taken = await queue.take(['email-smtp'], 10);
      expect(taken).toHaveLength(3);
      const [first, ...others] = taken.map(({ message }) => message);
      if (first !== undefined) await queue.postpone(first, 0, true);
      await queue.take(['email-smtp'], 10);
      for (const message of [first, ...others]) {
        if (message === undefined) continue;
        await queue.knownSince(message, new Date(Date.now() - 60_000));
        const providerMessageId = `p-${message.outbound_id}`;
        await queue.finish(message, { status: 'sent', providerMessageId, code: null, reason: null });
      }
      await queue.recover(['email-smtp'], () => ({ again: { uncertain: true } }));

      const news = {
        status: 'delivered',
        code: null,
        reason: null,
        at: isoTime(clock.now()),
        outbound_id: null,
      } as const;
      await new ReceiptResolver(parts).resolve(account, [
        { ...news, provider_message_id: `p-new-${round}-1` },
        { ...news, provider_message_id: `provider-${round + 7}` },
        { ...news, provider_message_id: `unknown-${round}` },
        { ...news, provider_message_id: null, watermark: { conversation_key: 'room-1', up_to: isoTime(clock.now()) } },
      ]);
      const consent = { conversation_key: `room-${round}`, state: 'opted_out', evidence: 'STOP' } as const;
      await new Consents(parts).keep(account, [{ ...consent, at: isoTime(clock.now()) }]);

      const media = new MediaQueue(parts);
      const target = { message_id: 'm', n: 0 } as never;
      const job = { accountId: 'mail', remote: { ref: 'r' } as never, target, failure: 'gone' };
      await media.known(account, [`new-${round}`, 'old-3']);
      await media.add(account, [{ mediaId: `new-${round}`, ...job }]);
      const [one] = [await media.take(['mail'])];
      if (one === undefined) throw new Error('no attachment was taken');
      await media.postpone(one, 0, null, true);
      await media.done(one);
    }

    const log = createConversationLog(parts);
    const told: string[] = [];
    log.onAppend(({ entryId }) => void told.push(entryId));
    for (let n = 0; n < 8; n += 1) {
      await log.append('room-7', { direction: 'inbound', entryId: `new-${n}`, payload: '{}' });
      await log.append('room-7', { direction: 'inbound', entryId: `old-${140 + n}`, payload: '{}' });
      expect(await log.read('room-7', 20, 100)).toHaveLength(n + 1);
    }
    await until('all entries are told', () => told.includes('new-7'));
    await log.close();
    await relay.stop(2_000);

    expect(await reads()).toEqual(before);
  }, 120_000);

  it('would be seen', async () => {
    const before = await reads();
    await fixture.database.pool.query("SELECT count(*) FROM channels.media WHERE remote = '{}'");
    // More than one, where workers share it.
    expect((await reads())['channels.media']).toBeGreaterThan(before['channels.media'] ?? 0);
  });
});
