import type { Attachment, InboundMessageV1, TicketStatus } from '@fanin/contracts';
import { recordStatements, type SentStatement } from '@fanin/test-kit';
import { handle, openTickets, type Published, type TicketsFixture } from '../testing/tickets-fixture.js';
import { sampleChat, sampleDirect, sampleHash, type SampleOptions } from '../testing/sample-messages.js';

const FILE: Attachment = {
  key: 'shop/recording',
  size: 9,
  sha256: sampleHash('recording'),
  name: 'recording.mp3',
  content_type: 'audio/mpeg',
  inline: false,
};

describe('amendments', () => {
  let tickets: TicketsFixture;
  let tenant = '';
  let n = 0;
  beforeAll(async () => {
    tickets = await openTickets();
  });
  afterAll(() => tickets.close());
  beforeEach(() => {
    n += 1;
    tenant = `amending-${n}`;
  });

  const direct = (name: string, options: SampleOptions = {}): InboundMessageV1 =>
    sampleDirect(name, 'ines', { tenant, ...options });
  const amending = (name: string, target: string, change: string, options: SampleOptions = {}): InboundMessageV1 =>
    direct(name, {
      text: '',
      amends: { provider_message_id: `mid-${target}`, change, value: null },
      ...options,
    });
  const query = async <T>(sql: string, values: unknown[] = []): Promise<T[]> =>
    (await tickets.database.transaction(tenant, (client) => client.query(sql, values))).rows as T[];
  const rowOf = async (message: InboundMessageV1): Promise<Record<string, unknown>> =>
    (
      await query<Record<string, unknown>>(
        `SELECT kind, text, hidden, amends_id, details -> 'amends' ->> 'earlier_text' AS earlier, details -> 'amended' -> 'reactions' AS reactions,
           (SELECT array_agg(a ->> 'name') FROM json_array_elements(details -> 'attachments') a) AS files FROM tickets.messages WHERE id = $1`,
        [message.message_id],
      )
    )[0] ?? {};
  const fates = ({ fates }: Published): unknown[] => fates.map(({ fate, rule }) => rule ?? fate);

  it('replaces the text of the message, keeps the earlier one, and is an event on its ticket', async () => {
    const first = direct('m1');
    const edit = amending('e1', 'm1', 'edited', { text: 'Better words.' });
    const made = await handle(tickets, first);
    const { events } = await handle(tickets, edit);
    expect(events).toHaveLength(1);
    expect(events[0]).toMatchObject({
      type: 'message.added',
      seq: 2,
      ticket_id: made.events[0]?.ticket_id,
      actor: { type: 'customer', id: made.events[0]?.ticket.customer_id },
      message: { id: edit.message_id, kind: 'event', direction: 'inbound' },
      changes: [],
    });
    expect(await rowOf(first)).toMatchObject({ kind: 'public', text: 'Better words.' });
    expect(await rowOf(edit)).toMatchObject({ kind: 'event', earlier: first.text, amends_id: first.message_id });
  });

  it('does the same within one batch, and when the amendment comes first', async () => {
    const together = [direct('m1'), amending('e1', 'm1', 'edited', { text: 'new 1' })];
    await handle(tickets, ...together);
    expect(await rowOf(together[0]!)).toMatchObject({ text: 'new 1' });

    const early = amending('e2', 'm2', 'edited', { text: 'new 2' });
    const late = direct('m2');
    await handle(tickets, early);
    expect(await query('SELECT origin FROM tickets.message_references WHERE origin = $1', ['awaited'])).toHaveLength(1);
    const { events } = await handle(tickets, late);
    expect(events.map(({ type, message }) => [type, message?.kind])).toEqual([['message.added', 'public']]);
    expect(await rowOf(late)).toMatchObject({ kind: 'public', text: 'new 2' });
    expect(await rowOf(early)).toMatchObject({ earlier: late.text, amends_id: late.message_id });

    const reversed = [amending('e3', 'm3', 'edited', { text: 'new 3' }), direct('m3')];
    await handle(tickets, ...reversed);
    expect(await rowOf(reversed[1]!)).toMatchObject({ text: 'new 3' });
  });

  it('takes edits that overtook each other by the provider’s time', async () => {
    const first = direct('m1');
    const older = amending('e1', 'm1', 'edited', { text: 'second', provider_time: '2026-11-21T08:05:00.000Z' });
    const newer = amending('e2', 'm1', 'edited', { text: 'third', provider_time: '2026-11-21T08:06:00.000Z' });
    await handle(tickets, first);
    await handle(tickets, newer);
    await handle(tickets, older);
    expect(await rowOf(first)).toMatchObject({ text: 'third' });
    expect([(await rowOf(older))['earlier'], (await rowOf(newer))['earlier']]).toEqual([first.text, 'second']);
  });

  it('opens a ticket for content of which nothing else is known, and the message joins it', async () => {
    const recording = amending('r1', 'call', 'attachments_added', { attachments: [FILE] });
    const opened = await handle(tickets, recording);
    expect(fates(opened)).toEqual(['accepted']);
    expect(opened.events[0]).toMatchObject({
      type: 'ticket.created',
      actor: { type: 'customer' },
      message: { kind: 'event' },
      ticket: { status: 'new' },
    });
    const call = direct('call', { text: 'Voicemail of 9 s' });
    const transcript = amending('t1', 'call', 'transcribed', { text: 'Hello, please call me back.' });
    const joined = await handle(tickets, transcript, call);
    expect(new Set(joined.events.map(({ ticket_id }) => ticket_id))).toEqual(new Set([opened.events[0]?.ticket_id]));
    expect(await rowOf(call)).toMatchObject({ text: 'Hello, please call me back.', files: ['recording.mp3'] });
    expect(await query('SELECT id FROM tickets.tickets')).toHaveLength(1);
  });

  it('lets a reaction to nothing go, and says why', async () => {
    const made = await handle(tickets, amending('x', 'nobody', 'reacted'), amending('y', 'nobody', 'deleted'));
    expect(fates(made)).toEqual(['orphan_amendment', 'orphan_amendment']);
    expect(made.events).toEqual([]);
    expect(await query('SELECT 1 FROM tickets.message_references')).toEqual([]);
  });

  it('is a duplicate when it comes again, by the same door or another', async () => {
    const batch = [direct('m1'), amending('e1', 'm1', 'edited', { text: 'x' })];
    await handle(tickets, ...batch);
    expect(await handle(tickets, ...batch)).toEqual({ events: [], fates: [], outbound: [] });
    const again = await handle(tickets, { ...batch[1]!, delivery_id: 'other-door' });
    expect(fates(again)).toEqual(['duplicate']);
    expect(again.events).toEqual([]);
  });

  it.each<TicketStatus>(['solved', 'closed', 'pending'])('leaves a ticket that is %s as it is', async (status) => {
    await handle(tickets, direct('m1'));
    await query('UPDATE tickets.tickets SET status = $1', [status]);
    const { events } = await handle(tickets, amending('d1', 'm1', 'deleted'));
    expect(events.map(({ type, ticket }) => [type, ticket.status])).toEqual([['message.added', status]]);
    expect(await query('SELECT status FROM tickets.tickets')).toEqual([{ status }]);
  });

  it('hides what was taken back, its edits with it', async () => {
    const batch = [
      direct('m1', { text: 'my card is 4111' }),
      amending('e1', 'm1', 'edited', { text: 'my card is gone' }),
      amending('d1', 'm1', 'deleted'),
    ];
    await handle(tickets, ...batch);
    expect(await Promise.all(batch.map(async (one) => (await rowOf(one))['hidden']))).toEqual([true, true, true]);
  });

  it('shows reactions of people on the message, also on replies', async () => {
    const first = direct('m1');
    const heart = amending('x1', 'm1', 'reacted', {
      amends: { provider_message_id: 'mid-m1', change: 'reacted', value: '❤' },
    });
    await handle(tickets, first, heart);
    expect((await rowOf(first))['reactions']).toEqual([expect.objectContaining({ value: '❤', from: first.sender })]);
    await handle(tickets, amending('x2', 'm1', 'unreacted', { provider_time: '2026-11-21T09:00:00.000Z' }));
    expect((await rowOf(first))['reactions']).toEqual([]);
  });

  it('may come under the id of what it changes, and an edit of an edit changes the first message', async () => {
    const first = direct('m1');
    const same = amending('m1', 'm1', 'edited', { message_id: 'edit-1', text: 'once', delivery_id: 'd-1' });
    await handle(tickets, same);
    await handle(tickets, first);
    expect(await rowOf(first)).toMatchObject({ text: 'once' });
    const second = amending('m1-b', 'm1', 'edited', { text: 'twice', provider_time: '2026-11-21T08:01:00.000Z' });
    const third = amending('m1-c', 'm1-b', 'edited', { text: 'thrice', provider_time: '2026-11-21T08:02:00.000Z' });
    await handle(tickets, third);
    await handle(tickets, second);
    expect(await rowOf(first)).toMatchObject({ text: 'thrice' });
    expect(await rowOf(third)).toMatchObject({ amends_id: first.message_id, earlier: 'twice' });
  });

  it('shows a change of an unknown sort as an event that changes nothing', async () => {
    const batch = [direct('m1'), amending('p1', 'm1', 'pinned', { text: 'ignored words' })];
    expect(fates(await handle(tickets, ...batch))).toEqual(['accepted', 'accepted']);
    expect(await rowOf(batch[0]!)).toMatchObject({ text: batch[0]!.text, hidden: false });
  });

  it('survives two consumers that take message and amendment at the same time', async () => {
    const pairs = Array.from({ length: 20 }, (_, at) => [
      direct(`race-${at}`, { conversation_key: `c-${at}` }),
      amending(`race-e-${at}`, `race-${at}`, 'edited', { text: `edited ${at}`, conversation_key: `c-${at}` }),
    ]);
    await Promise.all(pairs.flat().map((message) => tickets.intake.handleBatch([message])));
    const { events } = await tickets.published();
    expect(new Set(events.map(({ ticket_id }) => ticket_id)).size).toBe(20);
    for (const [at, [message]] of pairs.entries())
      expect(await rowOf(message!)).toMatchObject({ text: `edited ${at}` });
  });

  it('asks the database nothing more for batches without amendments', async () => {
    const sent: SentStatement[] = [];
    const { createIntake } = await import('./intake.js');
    const intake = createIntake({ ...tickets, database: recordStatements(tickets.database, sent) });
    await intake.handleBatch([sampleChat('plain', 'c', { tenant })]);
    expect(sent.length).toBeGreaterThan(5);
    expect(sent.filter(({ text }) => /amends_id|tasks|echo_claims|reply_windows = /.test(text))).toEqual([]);
    expect(sent.length).toBeLessThanOrEqual(12);
    await tickets.published();
  });
});
