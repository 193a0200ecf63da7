import type { InboundMessageV1, TicketEventV1, TicketStatus } from '@fanin/contracts';
import { messageOf } from '@fanin/kernel';
import { handle, openTickets, type TicketsFixture } from '../testing/tickets-fixture.js';
import { sampleChat, sampleMail, type SampleOptions } from '../testing/sample-messages.js';

const EVE = { kind: 'email', id: 'eve@stranger.example', name: 'Eve' } as const;
const BOB = { kind: 'email', id: 'bob@customer.example', name: 'Bob' } as const;

describe('conversations', () => {
  let tickets: TicketsFixture;
  let tenant = '';
  let n = 0;
  beforeAll(async () => {
    tickets = await openTickets();
  });
  afterAll(() => tickets.close());
  beforeEach(() => {
    n += 1;
    tenant = `tenant-${n}`;
  });

  const mail = (name: string, options: SampleOptions = {}): InboundMessageV1 =>
    sampleMail(`${tenant}-${name}`, { tenant, ...options });
  const answer = (name: string, to: InboundMessageV1, options: SampleOptions = {}): InboundMessageV1 =>
    mail(name, { ...options, threading: { references: [to.provider_message_id], ...options.threading } });
  const query = async (sql: string, values: unknown[] = []): Promise<Record<string, unknown>[]> =>
    (await tickets.database.transaction(tenant, (client) => client.query(sql, values))).rows as Record<
      string,
      unknown
    >[];
  const setStatus = (status: TicketStatus): Promise<unknown> =>
    query(`UPDATE tickets.tickets SET status = $1`, [status]);
  const threadingOf = async (message: InboundMessageV1): Promise<unknown> =>
    (
      await query(`SELECT details -> 'threading' ->> 'rule' AS rule FROM tickets.messages WHERE id = $1`, [
        message.message_id,
      ])
    )[0]?.['rule'];
  const gapFree = (events: readonly TicketEventV1[]): void => {
    const bySeq = new Map<string, number[]>();
    for (const { ticket_id, seq } of events) bySeq.set(ticket_id, [...(bySeq.get(ticket_id) ?? []), seq]);
    for (const seqs of bySeq.values()) expect(seqs).toEqual(seqs.map((_, at) => at + 1));
  };

  it('keeps a stranger out who guessed a Message-ID, says so, and lets him go on in his own ticket', async () => {
    const first = mail('first');
    const stranger = answer('stranger', first, { sender: EVE });
    const { events } = await handle(tickets, first, stranger);
    expect(events.map(({ type }) => type)).toEqual(['ticket.created', 'ticket.created']);
    expect(await threadingOf(stranger)).toBe('sender_guard');
    const more = answer('more', stranger, {
      sender: EVE,
      threading: { references: [stranger.provider_message_id, first.provider_message_id] },
    });
    const again = await handle(tickets, more);
    expect(again.events[0]?.ticket_id).toBe(events[1]?.ticket_id);
  });

  it('lets in whom an earlier mail was copied to, but not whom an unverified one was', async () => {
    const recipients = [{ ...BOB, role: 'cc' as const }];
    const first = mail('first', { recipients });
    const forged = answer('forged', first, { flags: ['dmarc_fail'], recipients: [{ ...EVE, role: 'cc' }] });
    const bob = answer('bob', first, { sender: BOB });
    const eve = answer('eve', first, { sender: EVE });
    const { events } = await handle(tickets, first, forged, bob, eve);
    expect(events.map(({ type }) => type)).toEqual([
      'ticket.created',
      'message.added',
      'message.added',
      'ticket.created',
    ]);
  });

  it('keeps an unverified sender apart from the customer he claims to be', async () => {
    const { events } = await handle(tickets, mail('real'), mail('claimed', { flags: ['dmarc_fail'] }));
    expect(events[0]?.ticket.customer_id).not.toBe(events[1]?.ticket.customer_id);
  });

  it('joins a parent that comes after its answer, over a signed token, and a subject tag of the customer', async () => {
    const parent = mail('parent', { recipients: [{ ...BOB, role: 'to' }] });
    const early = answer('early', parent, {
      sender: BOB,
      recipients: [{ kind: 'email', id: 'ann@customer.example', name: null, role: 'to' }],
    });
    const first = await handle(tickets, early);
    const ticket = first.events[0]!;
    const tagged = mail('tagged', { subject: `Re: parcel [#${ticket.ticket.number}]`, sender: BOB });
    const token = mail('token', { sender: EVE, threading: { reply_token: ticket.ticket_id } });
    const byMessage = mail('by message', { sender: EVE, threading: { reply_token: early.message_id } });
    const second = await handle(tickets, parent, tagged, token, byMessage);
    expect(second.events.map(({ ticket_id, seq }) => [ticket_id, seq])).toEqual(
      [2, 3, 4, 5].map((seq) => [ticket.ticket_id, seq]),
    );
    expect(await Promise.all([parent, tagged, token, byMessage].map(threadingOf))).toEqual([
      'late_parent',
      'subject_tag',
      'reply_token',
      'reply_token',
    ]);
  });

  it('makes one conversation of two when the message between them comes last', async () => {
    const root = mail('root');
    const between = answer('between', root);
    const cut = answer('cut', between);
    const opened = [...(await handle(tickets, cut)).events, ...(await handle(tickets, root)).events];
    expect(new Set(opened.map(({ ticket_id }) => ticket_id)).size).toBe(2);
    const { events } = await handle(tickets, between);
    gapFree([...opened, ...events]);
    const into = opened[1]!.ticket_id;
    expect(events.map(({ ticket_id, type }) => [ticket_id === into, type])).toEqual([
      [false, 'ticket.changed'],
      [true, 'message.added'],
      [true, 'message.added'],
    ]);
    expect(await query('SELECT id FROM tickets.messages WHERE ticket_id = $1 ORDER BY seq', [into])).toEqual(
      [root, between, cut].map(({ message_id: id }) => ({ id })),
    );
    expect(await threadingOf(cut)).toBe('late_parent');
    const later = await handle(tickets, answer('later', cut));
    expect(later.events[0]?.ticket_id).toBe(into);
  });

  it('makes one ticket of siblings whose root was never seen', async () => {
    const root = mail('never');
    const { events } = await handle(tickets, answer('one', root), answer('two', root));
    expect(events.map(({ type }) => type)).toEqual(['ticket.created', 'message.added']);
  });

  it('makes one ticket of one mail to two accounts, both accepted', async () => {
    const one = mail('both');
    const other = { ...one, account_id: 'sales', message_id: 'other-copy', delivery_id: 'other' };
    const { events, fates } = await handle(tickets, one, other);
    expect(fates.map(({ fate }) => fate)).toEqual(['accepted', 'accepted']);
    expect(events[1]).toMatchObject({ type: 'message.added', ticket_id: events[0]?.ticket_id });
  });

  it.each([
    ['new', 'new', 'message.added', []],
    ['open', 'open', 'message.added', []],
    ['pending', 'open', 'message.added', [{ field: 'status', from: 'pending', to: 'open' }]],
    ['on_hold', 'open', 'message.added', [{ field: 'status', from: 'on_hold', to: 'open' }]],
    ['solved', 'open', 'ticket.reopened', [{ field: 'status', from: 'solved', to: 'open' }]],
  ] as const)('takes a message to a %s ticket', async (status, after, type, changes) => {
    const first = mail('first');
    await handle(tickets, first);
    await setStatus(status);
    const { events } = await handle(tickets, answer('more', first));
    expect(events).toEqual([
      expect.objectContaining({ type, changes, seq: 2, ticket: expect.objectContaining({ status: after }) }),
    ]);
    expect(await query('SELECT status, last_seq FROM tickets.tickets')).toEqual([{ status: after, last_seq: 2 }]);
  });

  it('opens one follow-up of a closed ticket and stays with it, by mail and by chat', async () => {
    const first = mail('first');
    const chat = sampleChat('c1', `${tenant}-talk`, { tenant });
    const opened = await handle(tickets, first, chat);
    await setStatus('closed');
    const batch = [
      answer('again', first),
      sampleChat('c2', `${tenant}-talk`, { tenant }),
      answer('and again', first),
      sampleChat('c3', `${tenant}-talk`, { tenant }),
    ];
    const { events } = await handle(tickets, ...batch);
    expect(events.map(({ type }) => type)).toEqual([
      'ticket.created',
      'ticket.created',
      'message.added',
      'message.added',
    ]);
    expect(events.slice(0, 2).map(({ ticket }) => ticket.follow_up_of)).toEqual(
      opened.events.map(({ ticket_id }) => ticket_id),
    );
    gapFree([...opened.events, ...events]);
    const later = await handle(tickets, answer('much later', first));
    expect(later.events[0]).toMatchObject({ ticket_id: events[0]?.ticket_id, seq: 3 });
  });

  it('files automatic mail on its ticket without changing it, and opens nothing for it', async () => {
    const automatic = { rule: 'auto_reply', evidence: 'Auto-Submitted: auto-replied' };
    const first = mail('first');
    await handle(tickets, first);
    await setStatus('solved');
    const { events, fates } = await handle(
      tickets,
      answer('away', first, { automatic }),
      mail('nowhere', { automatic }),
    );
    expect(
      fates.map(({ fate, rule, evidence, ticket_id, message_id }) => [
        fate,
        rule,
        evidence,
        ticket_id !== null,
        message_id !== null,
      ]),
    ).toEqual([
      ['suppressed', 'auto_reply', automatic.evidence, true, true],
      ['suppressed', 'auto_reply', automatic.evidence, false, false],
    ]);
    expect(events).toEqual([
      expect.objectContaining({
        type: 'message.added',
        actor: { type: 'system', id: null },
        changes: [],
        ticket: expect.objectContaining({ status: 'solved' }),
      }),
    ]);
    expect(events[0]?.message?.kind).toBe('event');
    expect(await query('SELECT count(*)::int AS n FROM tickets.tickets')).toEqual([{ n: 1 }]);
  });

  it('settles a race of two consumers for customer, ticket and message in one ticket and one fate each', async () => {
    for (let round = 0; round < 6; round += 1) {
      const root = mail(`root-${round}`, {
        sender: { kind: 'email', id: `racer-${round}@customer.example`, name: null },
      });
      const reply = answer(`reply-${round}`, root, { sender: root.sender });
      const copy = { ...root, delivery_id: `copy-${round}` };
      await Promise.all([
        tickets.intake.handleBatch([root]),
        tickets.intake.handleBatch([reply]),
        tickets.intake.handleBatch([copy, reply]),
      ]);
      const { events, fates } = await tickets.published();
      gapFree(events);
      expect(new Set(events.map(({ ticket_id }) => ticket_id)).size).toBe(1);
      expect(fates.map(({ fate }) => fate).sort()).toEqual(['accepted', 'accepted', 'duplicate']);
    }
    expect(await query('SELECT count(*)::int AS n FROM tickets.tickets')).toEqual([{ n: 6 }]);
    expect(
      (await query('SELECT number FROM tickets.tickets ORDER BY number')).map((row) => Number(row['number'])),
    ).toEqual([1, 2, 3, 4, 5, 6]);
  });

  it('adds up under concurrent batches that overlap in every direction: fates, seq, numbers', async () => {
    const senders = Array.from({ length: 7 }, (_, s) => ({
      kind: 'email' as const,
      id: `s${s}@customer.example`,
      name: null,
    }));
    const roots = Array.from({ length: 30 }, (_, r) => mail(`r${r}`, { sender: senders[r % 7]! }));
    const replies = roots.flatMap((root, r) => [0, 1].map((k) => answer(`a${r}-${k}`, root, { sender: root.sender })));
    const all = [...roots, ...replies];
    const copies = all.map((message) => ({ ...message, delivery_id: `${message.delivery_id}-copy` }));
    const lanes = [
      all,
      [...copies].reverse(),
      [...all.slice(40), ...copies.slice(0, 40)],
      [...all].sort(() => Math.random() - 0.5),
    ];
    const events: TicketEventV1[] = [];
    // As the settler does: a batch that lost every race is halved.
    const settled = async (batch: readonly InboundMessageV1[]): Promise<void> => {
      try {
        await tickets.intake.handleBatch(batch);
      } catch (error) {
        if (batch.length < 2 || !/could not be settled in \d+ rounds/.test(messageOf(error))) throw error;
        const middle = Math.ceil(batch.length / 2);
        await settled(batch.slice(0, middle));
        await settled(batch.slice(middle));
      }
    };
    await Promise.all(
      lanes.map(async (lane) => {
        for (let at = 0; at < lane.length; at += 15) await settled(lane.slice(at, at + 15));
      }),
    );
    const published = await tickets.published();
    events.push(...published.events);
    gapFree(events);
    const latest = new Map(published.fates.map((fate) => [fate.delivery_id, fate.fate]));
    expect(latest.size).toBe(180);
    expect([...latest.values()].filter((fate) => fate === 'accepted')).toHaveLength(90);
    expect([...latest.values()].filter((fate) => fate === 'duplicate')).toHaveLength(90);
    expect(await query('SELECT count(*)::int AS n FROM tickets.messages')).toEqual([{ n: 90 }]);
    expect(await query('SELECT count(DISTINCT ticket_id)::int AS n FROM tickets.messages')).toEqual([{ n: 30 }]);
    const numbers = (await query('SELECT number FROM tickets.tickets ORDER BY number')).map((row) =>
      Number(row['number']),
    );
    expect(numbers).toEqual(numbers.map((_, at) => at + 1));
  });
});
