import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createHash } from 'node:crypto';
import type { FateV1, RawDeliveryV1 } from '@fanin/contracts';
import type { BlobStore } from '@fanin/connector-kit';
import { createSystemClock, silentLogger, uuidv7 } from '@fanin/kernel';
import {
  createFolderBlobStore,
  createRawArchive,
  openDatabase,
  PLATFORM_PART,
  prepareServiceRole,
  type Database,
  type RawArchive,
} from '@fanin/platform';
import { smallDisk, startTestDatabase, type TestDatabase } from '@fanin/test-kit';
import { DeliveryRecorder } from './delivery-recorder.js';
import { FateRecorder } from './fate-recorder.js';
import { LEDGER_PART } from './ledger-part.js';
import { LedgerReader } from './ledger-reader.js';

function delivery(over: Partial<RawDeliveryV1> = {}): RawDeliveryV1 {
  const body = over.body ?? `Hello ${randomUUID()}`;
  return {
    delivery_id: randomUUID(),
    tenant: 'demo',
    account_id: 'shop-mail',
    channel: 'email',
    channel_slug: 'email-smtp',
    received_at: '2026-11-21T08:00:00.000Z',
    content_type: 'message/rfc822',
    meta: {},
    body_encoding: 'utf8',
    body,
    body_ref: null,
    body_size: Buffer.byteLength(body),
    body_sha256: createHash('sha256').update(body).digest('hex'),
    ...over,
  };
}

function fate(of: RawDeliveryV1, over: Partial<FateV1> = {}): FateV1 {
  return {
    delivery_id: of.delivery_id,
    part: 0,
    parts: 1,
    tenant: of.tenant,
    account_id: of.account_id,
    channel: of.channel,
    fate: 'accepted',
    rule: null,
    evidence: null,
    message_id: null,
    ticket_id: null,
    decided_at: '2026-11-21T08:00:01.000Z',
    ...over,
  };
}

const sumOf = (counts: { readonly fates: Readonly<Record<string, number>> }): number =>
  Object.values(counts.fates).reduce((sum, count) => sum + count, 0);

describe('the ledger', () => {
  let server: TestDatabase;
  let database: Database;
  let archive: RawArchive;
  let blobs: BlobStore;
  let deliveries: DeliveryRecorder;
  let fates: FateRecorder;
  let reader: LedgerReader;
  const folder = mkdtempSync(join(tmpdir(), 'fanin-ledger-'));

  beforeAll(async () => {
    server = await startTestDatabase();
    const clock = createSystemClock();
    database = await openDatabase({
      url: await prepareServiceRole(server.url),
      parts: [PLATFORM_PART, LEDGER_PART],
      clock,
      logger: silentLogger,
    });
    blobs = createFolderBlobStore(folder);
    archive = createRawArchive(database, blobs, clock);
    deliveries = new DeliveryRecorder({ database, archive, blobs });
    fates = new FateRecorder(database);
    reader = new LedgerReader(database);
  }, 60_000);

  afterAll(async () => {
    await database?.close();
    await server?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  beforeEach(async () => {
    await database.transaction('*', async (client) => {
      await client.query('DELETE FROM ledger.fates');
      await client.query('DELETE FROM ledger.deliveries');
    });
  });

  it('adds up: captured is in flight plus the sum of fates, whatever came first', async () => {
    const mail = [delivery(), delivery(), delivery()];
    const chat = delivery({ channel: 'chat', account_id: 'shop-chat' });
    await fates.record([fate(chat, { fate: 'ignored', rule: 'typing' })]);
    await deliveries.record([...mail, chat]);
    await fates.record([
      fate(mail[0]!),
      fate(mail[1]!, { fate: 'suppressed', rule: 'auto_reply', evidence: 'Auto-Submitted' }),
    ]);
    const report = await reader.fates('demo', {});
    expect(report).toMatchObject({
      captured: 4,
      in_flight: 1,
      fates: { accepted: 1, suppressed: 1, ignored: 1, duplicate: 0 },
    });
    expect(report.in_flight + sumOf(report)).toBe(report.captured);
    expect(report.channels.map((channel) => [channel.channel, channel.captured])).toEqual([
      ['chat', 1],
      ['email', 3],
    ]);
    expect(report.rules).toContainEqual({ channel: 'email', fate: 'suppressed', rule: 'auto_reply', count: 1 });
  });

  it('counts every part of a delivery that holds several messages', async () => {
    const batch = delivery();
    await deliveries.record([batch]);
    await fates.record([fate(batch, { part: 0, parts: 3 }), fate(batch, { part: 2, parts: 3, fate: 'duplicate' })]);
    expect(await reader.fates('demo', {})).toMatchObject({
      captured: 3,
      in_flight: 1,
      fates: { accepted: 1, duplicate: 1 },
    });
  });

  it('counts nothing twice when records are delivered again', async () => {
    const one = delivery();
    for (let i = 0; i < 3; i += 1) {
      await deliveries.record([one]);
      await fates.record([fate(one), fate(one)]);
    }
    expect(await reader.fates('demo', {})).toMatchObject({ captured: 1, in_flight: 0, fates: { accepted: 1 } });
  });

  it('lets a re-driven dead letter become accepted, and no duplicate undo an acceptance', async () => {
    const one = delivery();
    await deliveries.record([one]);
    await fates.record([fate(one, { fate: 'dead_lettered', rule: 'BAD_PAYLOAD' })]);
    await fates.record([fate(one)]);
    await fates.record([fate(one, { fate: 'duplicate' })]);
    expect((await reader.delivery('demo', one.delivery_id))?.parts).toMatchObject([{ fate: 'accepted', rule: null }]);
  });

  it('filters by time of capture and by channel', async () => {
    await deliveries.record([
      delivery(),
      delivery({ received_at: '2026-11-20T08:00:00.000Z' }),
      delivery({ channel: 'chat' }),
    ]);
    expect((await reader.fates('demo', { from: '2026-11-21T00:00:00Z' })).captured).toBe(2);
    expect((await reader.fates('demo', { to: '2026-11-21T00:00:00Z' })).captured).toBe(1);
    expect((await reader.fates('demo', { channel: 'chat' })).captured).toBe(1);
  });

  it('drills from a fate to deliveries, page by page, and to the bytes', async () => {
    const all = Array.from({ length: 5 }, (_, i) =>
      delivery({ received_at: `2026-11-21T08:00:0${i}.000Z`, body: `mail ${i} \u0000 ü`, body_encoding: 'utf8' }),
    );
    await deliveries.record(all);
    await fates.record(all.map((one) => fate(one, { fate: 'suppressed', rule: 'bounce' })));
    const first = await reader.deliveries('demo', { fate: 'suppressed', rule: 'bounce', limit: 3 });
    expect(first.map((row) => row.id)).toEqual([all[4]!, all[3]!, all[2]!].map((one) => one.delivery_id));
    const last = first.at(-1)!;
    const second = await reader.deliveries('demo', {
      fate: 'suppressed',
      limit: 3,
      cursor: { receivedAt: last.received_at, deliveryId: last.id },
    });
    expect(second.map((row) => row.id)).toEqual([all[1]!, all[0]!].map((one) => one.delivery_id));
    expect((await archive.read('demo', all[2]!.delivery_id))?.body.toString('utf8')).toBe('mail 2 \u0000 ü');
    expect(await reader.deliveries('demo', { fate: 'accepted', limit: 3 })).toEqual([]);
  });

  it('keeps bytes that travelled by reference or in base64 as they were', async () => {
    const bytes = Buffer.from([0, 255, 254, 13, 10, 128]);
    await blobs.put('demo/raw/big', Buffer.alloc(300_000, 7));
    const coded = delivery({ body: bytes.toString('base64'), body_encoding: 'base64' });
    const referred = delivery({ body: null, body_ref: { key: 'demo/raw/big', size: 300_000, sha256: '0'.repeat(64) } });
    await deliveries.record([coded, referred]);
    expect((await archive.read('demo', coded.delivery_id))?.body).toEqual(bytes);
    expect((await archive.read('demo', referred.delivery_id))?.body).toEqual(Buffer.alloc(300_000, 7));
  });

  it('waits for the bytes of a delivery that was captured just now, and not for others', async () => {
    const clock = createSystemClock();
    const fresh = delivery({ delivery_id: uuidv7(clock.now()), body: 'follows' });
    const reading = archive.read('demo', fresh.delivery_id);
    await clock.sleep(150);
    await deliveries.record([fresh]);
    expect((await reading)?.body.toString()).toBe('follows');
    const startedMs = clock.monotonicMs();
    expect(await archive.read('demo', uuidv7(clock.now() - 120_000))).toBeNull();
    expect(await archive.read('demo', randomUUID())).toBeNull();
    expect(clock.monotonicMs() - startedMs).toBeLessThan(2_000);
  });

  it('takes what PostgreSQL cannot hold in evidence and content types without it', async () => {
    const odd = delivery({ content_type: 'text/plain\u0000; x=\ud800' });
    await deliveries.record([odd, delivery()]);
    await fates.record([
      fate(odd, { fate: 'suppressed', rule: 'auto_reply', evidence: 'X-Loop: nul \u0000 and \udfff lone' }),
    ]);
    expect(await reader.fates('demo', {})).toMatchObject({ captured: 2, in_flight: 1, fates: { suppressed: 1 } });
    expect((await reader.delivery('demo', odd.delivery_id))?.parts).toMatchObject([
      { evidence: 'X-Loop: nul  and \ufffd lone' },
    ]);
  });

  it('waits for room in the object store: nothing is written down whose bytes are not kept', async () => {
    const disk = await smallDisk(2_000_000);
    try {
      const small = createFolderBlobStore(disk.path);
      const recorder = new DeliveryRecorder({
        database,
        archive: createRawArchive(database, small, createSystemClock()),
        blobs,
      });
      const batch = Array.from({ length: 20 }, () => delivery({ body: 'x'.repeat(20_000) }));
      await disk.fill();
      for (let turn = 0; turn < 2; turn += 1)
        await expect(recorder.record(batch)).rejects.toMatchObject({ code: 'TRANSIENT' });
      expect((await reader.fates('demo', {})).captured).toBe(0);
      await disk.free();
      await recorder.record(batch);
      await recorder.record(batch);
      expect((await reader.fates('demo', {})).captured).toBe(20);
      const kept = createRawArchive(database, small, createSystemClock());
      for (const { delivery_id: id, body } of batch) expect((await kept.read('demo', id))?.body.toString()).toBe(body);
    } finally {
      await disk.remove();
    }
  });

  it('shows a tenant nothing of another', async () => {
    const theirs = delivery({ tenant: 'other' });
    await deliveries.record([theirs]);
    await fates.record([fate(theirs)]);
    expect((await reader.fates('demo', {})).captured).toBe(0);
    expect(await reader.delivery('demo', theirs.delivery_id)).toBeNull();
    expect(await archive.read('demo', theirs.delivery_id)).toBeNull();
    expect((await reader.fates('*', {})).captured).toBe(1);
  });
});
