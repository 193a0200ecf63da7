import type { InboundMessageV1, OutboundReceiptV1 } from '@fanin/contracts';
import { addReply } from '../api/agent-messages.js';
import { createReceipts } from '../receipts/receipts.js';
import { handle, openTickets, type Published, type TicketsFixture } from '../testing/tickets-fixture.js';
import { sampleDirect, sampleEcho, type SampleOptions } from '../testing/sample-messages.js';

interface Row {
  id: string;
  direction: string;
  kind: string;
  text: string;
  delivery: { status: string; provider_message_id: string | null } | null;
}

describe('what the shop writes with other tools', () => {
  let tickets: TicketsFixture;
  let tenant = '';
  let n = 0;
  beforeAll(async () => {
    tickets = await openTickets();
  });
  afterAll(() => tickets.close());
  beforeEach(() => {
    n += 1;
    tenant = `echo-${n}`;
  });

  const direct = (name: string, options: SampleOptions = {}): InboundMessageV1 =>
    sampleDirect(name, 'ines', { tenant, ...options });
  const echo = (name: string, options: SampleOptions = {}): InboundMessageV1 =>
    sampleEcho(name, 'ines', { tenant, ...options });
  const fates = ({ fates }: Published): unknown[] => fates.map(({ fate, rule }) => rule ?? fate);
  const rows = async (): Promise<Row[]> =>
    (
      await tickets.database.transaction(tenant, (client) =>
        client.query<Row>('SELECT id, direction, kind, text, delivery FROM tickets.messages ORDER BY received_at, seq'),
      )
    ).rows;
  const spoken = async (): Promise<Row[]> => (await rows()).filter(({ kind }) => kind === 'public');
  const reply = async (ticketId: string, text: string): Promise<string> => {
    const principal = { id: 'ada', name: 'Ada', tenant, kind: 'key', scopes: [] } as never;
    const { id } = await addReply(tickets, { principal, ticketId, input: { text }, idempotencyKey: undefined });
    return id;
  };
  const receipt = (id: string, options: Partial<OutboundReceiptV1> = {}): OutboundReceiptV1 => ({
    outbound_id: id,
    tenant,
    account_id: 'page',
    status: 'sent',
    provider_message_id: 'mid-echo',
    code: null,
    reason: null,
    at: '2026-11-21T09:00:00.000Z',
    ...options,
  });
  const take = (...receipts: OutboundReceiptV1[]): Promise<number> => createReceipts(tickets).handleBatch(receipts);
  /** A customer has written, and this was answered here; the provider has not said anything yet. */
  const answered = async (text: string): Promise<string> => {
    const { events } = await handle(tickets, direct('asked'));
    return reply(events[0]?.ticket_id ?? '', text);
  };
  const now = (): SampleOptions => ({ provider_time: new Date().toISOString(), received_at: new Date().toISOString() });

  it('is a public reply by an agent without a name, and counts as the first one', async () => {
    const { events: opened } = await handle(tickets, direct('asked'));
    const { events, fates: decided } = await handle(tickets, echo('told'));
    expect(decided).toMatchObject([{ fate: 'accepted' }]);
    expect(events).toMatchObject([
      {
        type: 'message.added',
        ticket_id: opened[0]?.ticket_id,
        actor: { type: 'agent', id: null },
        message: { direction: 'outbound', kind: 'public', delivery_status: 'sent' },
        changes: [{ field: 'status', from: 'new', to: 'open' }],
      },
    ]);
    expect((await rows()).map(({ direction }) => direction)).toEqual(['inbound', 'outbound']);
  });

  it('opens a ticket of the customer it was sent to, which waits for nobody here, and takes his answer', async () => {
    const { events } = await handle(tickets, echo('began'));
    expect(events).toMatchObject([
      { type: 'ticket.created', actor: { type: 'agent', id: null }, ticket: { status: 'pending' } },
    ]);
    const { events: more } = await handle(tickets, direct('answer'));
    expect(more).toMatchObject([
      {
        type: 'message.added',
        ticket_id: events[0]?.ticket_id,
        actor: { type: 'customer', id: events[0]?.ticket.customer_id },
        changes: [{ field: 'status', from: 'pending', to: 'open' }],
      },
    ]);
    const { rows: known } = await tickets.database.transaction(tenant, (client) =>
      client.query('SELECT i.id, i.name, t.first_replied_at FROM tickets.identities i, tickets.tickets t'),
    );
    expect(known).toMatchObject([{ id: 'messenger:page:ines', name: 'Ines', first_replied_at: expect.any(Date) }]);
  });

  it('neither reopens nor is lost on a closed ticket', async () => {
    const { events } = await handle(tickets, direct('asked'));
    await tickets.database.transaction(tenant, (client) =>
      client.query(`UPDATE tickets.tickets SET status = 'closed'`),
    );
    const { events: more } = await handle(tickets, echo('late'));
    expect(more).toMatchObject([
      { type: 'ticket.created', ticket: { status: 'pending', follow_up_of: events[0]?.ticket_id } },
    ]);
  });

  it('says so when nobody is named whom it was sent to', async () => {
    expect(fates(await handle(tickets, echo('nobody', { recipients: [] })))).toEqual(['no_customer']);
  });

  it('can be answered here before the customer ever wrote', async () => {
    const { events } = await handle(tickets, echo('began'));
    await reply(events[0]?.ticket_id ?? '', 'One more thing.');
    expect((await tickets.published()).outbound).toMatchObject([
      { to: [{ kind: 'social', id: 'messenger:page:ines' }], in_reply_to: null, conversation_key: 'dm:page:ines' },
    ]);
  });

  describe('when it is the echo of a reply of ours', () => {
    it('is known by its id once the provider has answered', async () => {
      const id = await answered('On its way.');
      await take(receipt(id));
      expect(fates(await handle(tickets, echo('echo', now())))).toEqual(['own_echo']);
      expect(await spoken()).toHaveLength(2);
    });

    it('is known by its words before, confirms the reply, and stays one row when the answer comes', async () => {
      const id = await answered('On  its way.\r\nAda');
      await tickets.published();
      const made = await handle(tickets, echo('echo', { text: '@ines On its way. Ada', ...now() }));
      expect(fates(made)).toEqual(['own_echo']);
      expect(made.events).toMatchObject([
        { type: 'message.delivery_changed', message: { id, delivery_status: 'sent' } },
      ]);
      expect((await spoken())[1]).toMatchObject({ id, delivery: { status: 'sent', provider_message_id: 'mid-echo' } });
      expect(await take(receipt(id))).toBe(0);
      expect(await take(receipt(id, { status: 'delivered' }))).toBe(1);
      expect(await spoken()).toHaveLength(2);
      expect(fates(await handle(tickets, echo('echo', { delivery_id: 'again', ...now() })))).toEqual(['own_echo']);
    });

    it('proves that a reply went out of which the provider could not say so', async () => {
      const id = await answered('Sent or not?');
      await take(receipt(id, { status: 'unknown', provider_message_id: null, code: 'TRANSIENT', reason: 'cut off' }));
      await handle(tickets, echo('echo', { text: 'Sent or not?', ...now() }));
      expect((await spoken())[1]).toMatchObject({ id, delivery: { status: 'sent' } });
    });

    it('belongs to one reply only, however often the same words were said', async () => {
      const first = await answered('Yes.');
      const { rows: known } = await tickets.database.transaction(tenant, (client) =>
        client.query<{ ticket_id: string }>('SELECT ticket_id FROM tickets.messages WHERE id = $1', [first]),
      );
      const second = await reply(known[0]?.ticket_id ?? '', 'Yes.');
      const made = await handle(
        tickets,
        echo('one', { text: 'Yes.', ...now() }),
        echo('two', { text: 'Yes.', ...now() }),
        echo('three', { text: 'Yes.', ...now() }),
      );
      expect(fates(made)).toEqual(expect.arrayContaining(['own_echo', 'own_echo', 'accepted']));
      const told = (await spoken()).filter(({ direction }) => direction === 'outbound');
      expect(told.map(({ delivery }) => delivery?.provider_message_id)).toEqual(['mid-one', 'mid-two', 'mid-three']);
      expect(told.slice(0, 2).map(({ id }) => id)).toEqual([first, second]);
    });

    it('is brought in after all when the provider says that the reply has another id', async () => {
      const id = await answered('Yes.');
      const foreign = echo('foreign', { text: 'Yes.', ...now() });
      expect(fates(await handle(tickets, foreign))).toEqual(['own_echo']);
      expect(await take(receipt(id, { provider_message_id: 'mid-own' }))).toBe(1);
      const back = (await tickets.published()).inbound;
      expect(back).toEqual([foreign]);
      expect(fates(await handle(tickets, ...back))).toEqual(['accepted']);
      const told = (await spoken()).filter(({ direction }) => direction === 'outbound');
      expect(told.map(({ delivery }) => delivery?.provider_message_id).sort()).toEqual(['mid-foreign', 'mid-own']);
    });

    it('is brought in after all when the reply failed', async () => {
      const id = await answered('Yes.');
      await handle(tickets, echo('foreign', { text: 'Yes.', ...now() }));
      await take(receipt(id, { status: 'failed', provider_message_id: null, code: 'PERMISSION', reason: 'no' }));
      expect(fates(await handle(tickets, ...(await tickets.published()).inbound))).toEqual(['accepted']);
      expect((await spoken())[1]).toMatchObject({ id, delivery: { status: 'failed' } });
    });

    it('steps back behind the reply when the provider had changed its words', async () => {
      const id = await answered('See http://shop.example/a');
      const changed = echo('echo', { text: 'See https://t.example/1', ...now() });
      expect(fates(await handle(tickets, changed))).toEqual(['accepted']);
      expect(await spoken()).toHaveLength(3);
      await take(receipt(id));
      expect((await spoken()).map((row) => row.id)).toEqual([expect.any(String), id]);
      expect(fates(await handle(tickets, { ...changed, message_id: 'x', delivery_id: 'again' }))).toEqual(['own_echo']);
    });

    it('carries what was put to it before its id was known', async () => {
      const id = await answered('Thanks!');
      const heart = direct('heart', {
        text: '',
        amends: { provider_message_id: 'mid-echo', change: 'reacted', value: '❤' },
      });
      await handle(tickets, heart);
      await take(receipt(id));
      const { rows: shown } = await tickets.database.transaction(tenant, (client) =>
        client.query<{ value: string }>(
          `SELECT details -> 'amended' -> 'reactions' -> 0 ->> 'value' AS value FROM tickets.messages WHERE id = $1`,
          [id],
        ),
      );
      expect(shown).toEqual([{ value: '❤' }]);
    });
  });
});
