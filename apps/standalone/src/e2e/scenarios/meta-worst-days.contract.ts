import { createHash } from 'node:crypto';
import {
  fatesAtRest,
  MetaDesk,
  newWhatsappNumber,
  reply,
  unique,
  until,
  type DeliveryView,
  type FateReport,
  type MessageView,
  type Seen,
  type SystemUnderTest,
} from '@fanin/trials';

const BATCH = 1_000;
const POISON_AT = 437;
const CUSTOMERS = 50;
const STREAM = 60;
const KILL_AFTER = 15;
const SEND_DELAY_MS = 2_500;
/** A reply whose sender died is looked at again after twice the longest time that a send may take. */
const RECOVERED_WITHIN_MS = 180_000;

/** A reply that was under way when everything died; what became of it is looked at once its time is up. */
export interface CutReply extends Seen {
  readonly text: string;
  readonly reply: MessageView;
}

/** One POST with a thousand updates; one of them is nothing that anybody can read. */
function batchOf(mark: string, page: string): readonly unknown[] {
  const began = Date.now() - BATCH * 10;
  return Array.from({ length: BATCH }, (_, n) => {
    const time = began + n * 10;
    const message = { mid: `m_${mark}_${n}`, text: `${mark} ${n}` };
    const sender = { id: `${mark}${String(n % CUSTOMERS).padStart(3, '0')}` };
    const poison = { sender: { id: ['not', 'an', 'id'] }, timestamp: {}, message: { mid: '__proto__' } };
    const update = n === POISON_AT ? poison : { sender, recipient: { id: page }, timestamp: time, message };
    return { id: page, time, messaging: [update] };
  });
}

/** Puts into `cut` what `describeMetaAfterKill` looks at. */
export function describeMetaWorstDays(system: () => SystemUnderTest, cut: CutReply[]): void {
  const desk = new MetaDesk(system);
  const page = (): string => system().vendors.meta.app.pages?.[0]?.id ?? '';

  /** The deliveries of these POSTs, oldest first, once each part has its fate. */
  async function batchesOf(mark: string, count: number): Promise<readonly DeliveryView[]> {
    const shas = desk.meta
      .deliveries()
      .flatMap(({ body }) => (body.includes(`${mark} `) ? [createHash('sha256').update(body).digest('hex')] : []));
    return until(
      `${count} batches with all their fates`,
      async () => {
        const rows = (await desk.api.all<DeliveryView>('/deliveries?channel=social&limit=200')).filter(({ sha256 }) =>
          shas.includes(sha256),
        );
        return rows.length === count && rows.every(({ parts }) => parts.length === BATCH) && rows.reverse();
      },
      60_000,
    );
  }

  const fatesOf = ({ parts }: DeliveryView): Readonly<Record<string, number>> => {
    const counts: Record<string, number> = {};
    for (const { fate } of parts) counts[fate] = (counts[fate] ?? 0) + 1;
    return counts;
  };

  describe('worst days', () => {
    it('take 999 of a batch of 1,000 with one poisonous entry, and no message again when it comes again', async () => {
      await desk.opened({ channel: 'messenger', from: { name: unique('Before') }, text: 'Hi' });
      const before = await fatesAtRest(desk.api, 'social');
      const mark = String(Date.now());
      const entry = batchOf(mark, page());
      const accepted = async (raw: readonly unknown[]): Promise<void> => {
        desk.meta.raw({ object: 'page', entry: raw });
        await desk.meta.idle();
      };
      await accepted(entry);
      const [first] = await batchesOf(mark, 1);
      if (first === undefined) throw new Error('the batch is missing');
      expect(fatesOf(first)).toEqual({ accepted: BATCH - 1, dead_lettered: 1 });
      const letter = first.parts.find(({ fate }) => fate === 'dead_lettered');
      expect(letter).toMatchObject({
        rule: 'BAD_PAYLOAD',
        evidence: expect.stringMatching(/\w/) as string,
        ticket_id: null,
      });
      expect(first.parts.findIndex(({ fate }) => fate === 'dead_lettered')).toBe(POISON_AT);
      await accepted(entry);
      await accepted([...entry].reverse());
      const all = await batchesOf(mark, 3);
      expect(all.slice(1).map(fatesOf)).toEqual([
        { duplicate: BATCH - 1, dead_lettered: 1 },
        { duplicate: BATCH - 1, dead_lettered: 1 },
      ]);
      expect(desk.meta.deliveries().filter(({ body, status }) => body.includes(`${mark} `) && status !== 200)).toEqual(
        [],
      );
      const tickets = (await desk.customers.all()).filter(({ author }) =>
        author.startsWith(`messenger:${page()}:${mark}`),
      );
      expect(tickets).toHaveLength(CUSTOMERS);
      for (const ticket of tickets) {
        const customer = Number(ticket.author.slice(-3));
        const wanted = Array.from({ length: BATCH / CUSTOMERS }, (_, k) => k * CUSTOMERS + customer);
        expect((await desk.api.messages(ticket.id)).map(({ text }) => text)).toEqual(
          wanted.filter((n) => n !== POISON_AT).map((n) => `${mark} ${n}`),
        );
      }
      const after = await fatesAtRest(desk.api, 'social');
      expect(after.captured - before.captured).toBeGreaterThanOrEqual(3 * BATCH);
      expect(all.flatMap(({ parts }) => parts).filter(({ fate }) => fate === 'dead_lettered')).toHaveLength(3);
    }, 120_000);

    it('lose nothing and double nothing while answers are lost, deliveries are doubled, and all of it is killed', async () => {
      const text = unique('Answered in the last moment.');
      const [direct, instagram, whatsapp] = [
        await desk.opened({ channel: 'messenger', from: { name: unique('A') }, text: 'Hi' }),
        await desk.opened({ channel: 'instagram_dm', from: { name: unique('B') }, text: 'Hi' }),
        await desk.opened({ channel: 'whatsapp', from: { id: newWhatsappNumber(), name: 'C' }, text: 'Hi' }),
      ];
      const mark = unique('stream');
      const said: { id: string; author: string }[] = [];
      const say = (n: number): void => {
        const done = desk.meta.inbound({
          channel: 'messenger',
          from: { name: `${mark} ${n % 12}` },
          text: `${mark} ${n}`,
        });
        said.push({ id: done.id, author: `messenger:${done.account}:${done.from}` });
      };
      const arrived = (): number =>
        desk.meta.deliveries().filter(({ body, status }) => body.includes(mark) && status === 200).length;
      desk.meta.faults.add({ where: 'webhook', kind: 'no_answer_after_accept', times: 6 });
      desk.meta.faults.add({ where: 'webhook', kind: 'duplicate', times: 6 });
      desk.meta.faults.add({ where: 'webhook', kind: 'reorder', times: 3 });
      desk.meta.faults.add({ where: 'webhook', kind: 'status', status: 503, times: 6 });
      await desk.meta.configure({ receipts: { echo: false, delivered: false } });
      const held = desk.meta.faults.add({
        where: 'api',
        kind: 'delay',
        match: '/messages',
        times: 3,
        delayMs: SEND_DELAY_MS,
      });
      try {
        for (let n = 0; n < STREAM / 2; n += 1) say(n);
        await until('some are taken', () => arrived() >= KILL_AFTER);
        const replies = await Promise.all(
          [direct, instagram, whatsapp].map(async (seen) => ({
            ...seen,
            text,
            reply: await reply(desk.api, seen.ticket.id, { text }),
          })),
        );
        cut.push(...replies);
        await until(
          'the replies are at Meta',
          () => desk.meta.faults.list().find(({ id }) => id === held)?.fired === 3,
        );
        for (let n = STREAM / 2; n < STREAM; n += 1) say(n);
        await system().kill('social-connector');
        expect(desk.sent(text)).toEqual([]);
        await until('Meta has carried out what it was asked for', () => desk.sent(text).length === 3);
      } finally {
        desk.meta.faults.clear();
        await desk.meta.configure({ receipts: { echo: true, delivered: true } });
        await system().revive('social-connector');
      }
      await desk.meta.idle();
      expect(new Set(desk.meta.subscriptions().map(({ active }) => active))).toEqual(new Set([true]));
      await fatesAtRest(desk.api, 'social');
      const authors = new Set(said.map(({ author }) => author));
      expect(authors.size).toBe(12);
      let found: string[] = [];
      // After a kill the readers get their partitions back one by one: the sums may agree while nobody has read on yet.
      await until(
        'all that was said is on tickets',
        async () => {
          const tickets = (await desk.customers.all()).filter(({ author }) => authors.has(author));
          if (tickets.length < authors.size) return false;
          expect(tickets.map(({ author }) => author).sort()).toEqual([...authors].sort());
          const lists = await Promise.all(tickets.map(({ id }) => desk.api.messages(id)));
          found = lists.flat().map(({ provider_message_id: mid }) => mid ?? '');
          return found.length >= said.length;
        },
        60_000,
      );
      expect(found.sort()).toEqual(said.map(({ id }) => id).sort());
      expect(desk.sent(text)).toHaveLength(3);
    }, 150_000);
  });
}

/** Later than `describeMeta`: the replies of a process that died are recovered in minutes, which other scenarios fill. */
export function describeMetaAfterKill(system: () => SystemUnderTest, cut: readonly CutReply[]): void {
  const desk = new MetaDesk(system);
  describe('Meta, minutes after the kill', () => {
    it(
      'replies that were cut off are found at Meta, or shown as unknown; none is sent twice',
      async () => {
        const ends = cut.map(async ({ ticket, reply: { id } }) => {
          const settled = (row: MessageView): boolean => row.id === id && row.delivery?.status !== 'queued';
          const { delivery } = await desk.api.message(ticket.id, settled, RECOVERED_WITHIN_MS);
          return [ticket.account_id, delivery?.status, delivery?.reason];
        });
        expect(await Promise.all(ends)).toEqual([
          ['a-messenger', 'sent', null],
          ['a-instagram', 'sent', null],
          ['a-whatsapp', 'unknown', expect.stringMatching(/may have been sent|ended while it was being sent/)],
        ]);
        for (const { ticket, text } of cut) {
          const rows = (await desk.api.messages(ticket.id)).filter(({ direction }) => direction === 'outbound');
          expect(rows.map((row) => row.text)).toEqual([text]);
        }
        expect(desk.sent(cut[0]?.text ?? '')).toHaveLength(3);
        const { channels } = await desk.api.get<FateReport>('/fates');
        for (const { channel } of channels) await fatesAtRest(desk.api, channel);
      },
      RECOVERED_WITHIN_MS + 20_000,
    );
  });
}
