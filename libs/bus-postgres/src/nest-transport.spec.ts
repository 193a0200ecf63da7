import type { HandleContext, Received } from '@fanin/bus';
import {
  BusTransport,
  ConsumeBatch,
  deadLetterTopicOf,
  fromDeadLetter,
  handled,
  redrive,
  topicSpecsOf,
  until,
} from '@fanin/bus';
import { CONTRACTS, TOPICS, createCodec, topicName } from '@fanin/contracts';
import type { OutboundReceiptV1 } from '@fanin/contracts';
import { FaninError, createSystemClock, noMetrics, silentLogger } from '@fanin/kernel';
import type { TestDatabase } from '@fanin/test-kit';
import { startTestDatabase } from '@fanin/test-kit';
import { Controller, Inject, Injectable, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { createPostgresBus } from './postgres-bus.js';

const deps = { clock: createSystemClock(), logger: silentLogger, metrics: noMetrics };
const receipt = (outboundId: string): OutboundReceiptV1 => ({
  outbound_id: outboundId,
  tenant: 'default',
  account_id: 'shop-mail',
  status: 'sent',
  provider_message_id: null,
  code: null,
  reason: null,
  at: '2026-11-22T00:00:00.000Z',
});

@Injectable()
class Book {
  readonly seen: string[] = [];
  databaseIsAway = 2;
  forbidden = 'poison';
}

@Controller()
class ReceiptController {
  constructor(@Inject(Book) private readonly book: Book) {}

  @ConsumeBatch({ contract: CONTRACTS.outboundReceipt, group: 'tickets.receipts' })
  async onReceipts(received: readonly Received<OutboundReceiptV1>[], context: HandleContext) {
    await context.heartbeat();
    if (this.book.databaseIsAway > 0) {
      this.book.databaseIsAway -= 1;
      throw new FaninError('TRANSIENT', 'the database is away');
    }
    if (received.some(({ value }) => value.outbound_id === this.book.forbidden)) throw new RangeError('poison');
    this.book.seen.push(...received.map(({ value }) => value.outbound_id));
    return received.map(() => handled());
  }
}

@Module({ controllers: [ReceiptController], providers: [Book] })
class AppModule {}

describe('the bus as a Nest transport', () => {
  let database: TestDatabase;
  const open: { close(): Promise<unknown> }[] = [];

  beforeAll(async () => {
    database = await startTestDatabase();
  }, 60_000);

  afterAll(async () => {
    for (const each of open.reverse()) await each.close();
    await database.stop();
  });

  it('feeds controllers with decoded batches, waits out the database, sets poison aside, and puts it back on command', async () => {
    const bus = createPostgresBus({ url: database.url, ...deps });
    open.push(bus);
    const topic = topicName(TOPICS.outboundReceipts);
    await bus.ensureTopics(topicSpecsOf());
    const fates: string[] = [];
    const failures: unknown[] = [];
    const strategy = new BusTransport({
      bus,
      ...deps,
      lagEveryMs: 100,
      onFailure: (error) => failures.push(error),
      onDeadLettered: async (contract, _record, letter) => void fates.push(`${contract.name} ${letter.code}`),
    });
    const app = await NestFactory.createMicroservice(AppModule, { strategy, logger: false });
    open.push(app);
    await app.listen();
    const codec = createCodec(CONTRACTS.outboundReceipt);
    const ids = ['a', 'b', 'poison', 'c', 'd'];
    await bus.publish(
      topic,
      ids.map((id) => codec.encode(receipt(id), { key: 'one-key', source: '/test' })),
      { timeoutMs: 10_000 },
    );
    const book = app.get(Book);
    await until('the good ones', () => book.seen.length === 4);
    expect(book.seen).toEqual(['a', 'b', 'c', 'd']);
    expect(book.databaseIsAway).toBe(0);
    await until('the fate', () => fates.length === 1);
    expect(fates).toEqual(['outbound-receipt BUG']);
    const [letter] = await bus.read(deadLetterTopicOf(topic), 0, { limit: 10 });
    expect(letter && fromDeadLetter(letter)).toMatchObject({
      code: 'BUG',
      reason: 'poison',
      group: 'fanin.tickets.receipts',
    });

    book.forbidden = 'nothing any more';
    expect(await redrive(bus, { topic, code: 'TRANSIENT' })).toMatchObject({ redriven: 0, skipped: 1 });
    expect(await redrive(bus, { topic, dryRun: true })).toMatchObject({ redriven: 1, skipped: 0 });
    expect(await redrive(bus, { topic })).toMatchObject({ redriven: 1, skipped: 0 });
    expect(await redrive(bus, { topic })).toMatchObject({ redriven: 0, skipped: 0 });
    await until('the repaired one', () => book.seen.includes('poison'));
    expect(book.seen).toHaveLength(5);
    expect(failures).toEqual([]);
    await app.close();
    expect(
      (await bus.positions(topic, 'fanin.tickets.receipts')).reduce(
        (sum, at) => sum + Number(at.end - (at.committed ?? 0n)),
        0,
      ),
    ).toBe(0);
  }, 60_000);
});
