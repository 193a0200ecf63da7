import { handle, openTickets, type TicketsFixture } from '../testing/tickets-fixture.js';
import { sampleChat, sampleMail } from '../testing/sample-messages.js';

describe('intake', () => {
  let tickets: TicketsFixture;
  beforeAll(async () => {
    tickets = await openTickets();
  });
  afterAll(() => tickets.close());

  const count = async (tenant: string, table: string): Promise<number> => {
    const { rows } = await tickets.database.transaction(tenant, (client) =>
      client.query(`SELECT count(*)::int AS n FROM tickets.${table}`),
    );
    return rows[0].n as number;
  };

  it('makes a ticket of a mail, with event, fate, customer and evidence', async () => {
    const mail = sampleMail('first', { tenant: 'one' });
    const { events, fates } = await handle(tickets, mail);
    expect(fates).toEqual([
      expect.objectContaining({
        delivery_id: 'delivery-first',
        part: 0,
        fate: 'accepted',
        rule: null,
        message_id: mail.message_id,
      }),
    ]);
    expect(events).toHaveLength(1);
    expect(events[0]).toMatchObject({
      type: 'ticket.created',
      seq: 1,
      occurred_at: mail.received_at,
      actor: { type: 'customer' },
      message: { id: mail.message_id, direction: 'inbound', kind: 'public', delivery_status: null },
      ticket: {
        number: 1,
        subject: 'About first',
        status: 'new',
        priority: 'normal',
        channel: 'email',
        account_id: 'mail',
        created_at: mail.received_at,
      },
    });
    expect(fates[0]?.ticket_id).toBe(events[0]?.ticket_id);
    expect(
      await Promise.all(
        ['customers', 'identities', 'message_references', 'tickets', 'messages'].map((table) => count('one', table)),
      ),
    ).toEqual([1, 1, 1, 1, 1]);
  });

  it('puts the messages of one batch that belong together on one ticket', async () => {
    const root = sampleMail('root', { tenant: 'two' });
    const reply = sampleMail('reply', { tenant: 'two', threading: { references: [root.provider_message_id] } });
    const second = sampleMail('second reply', {
      tenant: 'two',
      threading: { references: [reply.provider_message_id, root.provider_message_id] },
    });
    const chats = [1, 2, 3].map((n) => sampleChat(`c${n}`, 'conversation-1', { tenant: 'two' }));
    const { events, fates } = await handle(tickets, root, chats[0]!, reply, chats[1]!, second, chats[2]!);
    expect(fates.map(({ fate }) => fate)).toEqual(Array(6).fill('accepted'));
    expect(await count('two', 'tickets')).toBe(2);
    const mailTicket = events[0]!.ticket_id;
    expect(events.filter((event) => event.ticket_id === mailTicket).map(({ seq, type }) => [seq, type])).toEqual([
      [1, 'ticket.created'],
      [2, 'message.added'],
      [3, 'message.added'],
    ]);
    expect([...new Set(events.map(({ ticket }) => ticket.number))]).toEqual([1, 2]);
  });

  it('calls a copy from another delivery a duplicate, with the first delivery as evidence, also inside one batch', async () => {
    const mail = sampleMail('copied', { tenant: 'three' });
    const copy = { ...mail, delivery_id: 'delivery-copy' };
    const { fates } = await handle(tickets, mail, copy);
    expect(fates.map(({ fate, evidence }) => [fate, evidence])).toEqual([
      ['accepted', null],
      ['duplicate', 'delivery-copied'],
    ]);
    const again = await handle(tickets, { ...mail, delivery_id: 'delivery-third' });
    expect(again).toMatchObject({
      events: [],
      fates: [{ fate: 'duplicate', evidence: 'delivery-copied', message_id: mail.message_id }],
    });
    expect(await count('three', 'messages')).toBe(1);
  });

  it('changes nothing and says nothing when the same deliveries come again', async () => {
    const batch = [
      sampleMail('r1', { tenant: 'four' }),
      sampleMail('r2', { tenant: 'four', threading: { references: ['<r1@mail.example>'] } }),
    ];
    await handle(tickets, ...batch);
    const before = await tickets.database.transaction('four', (client) =>
      client.query('SELECT * FROM tickets.tickets'),
    );
    expect(await handle(tickets, ...batch, ...batch)).toEqual({ events: [], fates: [], outbound: [] });
    const after = await tickets.database.transaction('four', (client) => client.query('SELECT * FROM tickets.tickets'));
    expect(after.rows).toEqual(before.rows);
    expect(await count('four', 'messages')).toBe(2);
  });

  it('keeps tenants apart in dedupe, references, identities and numbers', async () => {
    const batch = ['five-a', 'five-b'].map((tenant) =>
      sampleMail('same', { tenant, delivery_id: `delivery-${tenant}` }),
    );
    const { events, fates } = await handle(tickets, ...batch);
    expect(fates.map(({ fate }) => fate)).toEqual(['accepted', 'accepted']);
    expect(events.map(({ tenant, ticket }) => [tenant, ticket.number])).toEqual([
      ['five-a', 1],
      ['five-b', 1],
    ]);
    expect(events[0]?.ticket.customer_id).not.toBe(events[1]?.ticket.customer_id);
  });

  it('shows nothing without a tenant and nothing of another tenant', async () => {
    const tables = [
      'customers',
      'identities',
      'conversations',
      'message_references',
      'ticket_counters',
      'tickets',
      'messages',
      'search_queue',
    ];
    await handle(tickets, sampleMail('hidden', { tenant: 'six' }), sampleChat('h', 'hidden', { tenant: 'six' }));
    for (const table of tables) {
      const bare = await tickets.database.pool.query(`SELECT count(*)::int AS n FROM tickets.${table}`);
      expect([table, bare.rows[0].n]).toEqual([table, 0]);
      expect([table, await count('six', table)]).toEqual([table, expect.any(Number)]);
      expect(await count('six', table)).toBeGreaterThan(0);
      const foreign = await tickets.database.transaction('seven', (client) =>
        client.query(`SELECT 1 FROM tickets.${table}`),
      );
      expect([table, foreign.rowCount]).toEqual([table, 0]);
    }
    const forced = await tickets.database.pool.query(
      `SELECT relname FROM pg_class WHERE relnamespace = 'tickets'::regnamespace AND relkind = 'r' AND relname <> 'migrations' AND NOT (relrowsecurity AND relforcerowsecurity)`,
    );
    expect(forced.rows).toEqual([]);
  });

  it('stores what PostgreSQL cannot hold as it is, and ids longer than an index entry', async () => {
    const long = `<${'ü'.repeat(900)}@mail.example>`;
    const odd = sampleMail('odd', {
      tenant: 'eight',
      provider_message_id: long,
      conversation_key: long,
      subject: 'nul \u0000 here',
      text: 'lone \ud800 surrogate \u0000',
      sender: { kind: 'email', id: 'odd@customer.example', name: 'N\u0000ul \ud800' },
      provider_fields: { odd: '\u0000\udfff' },
    });
    const { fates } = await handle(tickets, odd, { ...odd, delivery_id: 'second' });
    expect(fates.map(({ fate }) => fate)).toEqual(['accepted', 'duplicate']);
    // Whoever looks into the details later (an opt-out, an echo) casts those of a whole conversation.
    const { rows } = await tickets.database.transaction('eight', (client) =>
      client.query("SELECT details::jsonb -> 'from' ->> 'name' AS name FROM tickets.messages"),
    );
    expect(rows).toEqual([{ name: 'Nul \ufffd' }]);
  });
});
