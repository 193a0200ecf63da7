import { randomBytes, randomUUID } from 'node:crypto';
import {
  Customers,
  deadLettersOf,
  delivered,
  fatesAtRest,
  newNumber,
  reply,
  tryReply,
  until,
  VENDOR_ACCOUNTS,
  YESTERDAYS_CUSTOMER,
  YESTERDAYS_TEXT,
  type SystemUnderTest,
} from '@fanin/trials';

type Twilio = SystemUnderTest['vendors']['twilio']['simulator'];

const NUMBER = '+12025550100';
const CREATE = '/Messages\\.json$';
const STATUS_ORDER = ['queued', 'sent', 'delivered', 'read'];

/** SMS, MMS and WhatsApp by Twilio, as the customer's phone and the agent's screen show them. */
export function describePhone(system: () => SystemUnderTest): void {
  const twilio = (): Twilio => system().vendors.twilio.simulator;
  const customers = new Customers(() => system().api.a, 'phone');
  const sentTo = (number: string): ReturnType<Twilio['sentMessages']> =>
    twilio()
      .sentMessages()
      .filter(({ to }) => to === number);

  describe('phone: messages in', () => {
    afterEach(() => twilio().faults.clear());

    it('an SMS is a ticket, the second joins it, and one number is one customer by SMS, WhatsApp and call', async () => {
      const { api } = system();
      const [from, began] = [newNumber(), Date.now()];
      const alerts = twilio().alerts().length;
      const body = `Where is my parcel? ${randomUUID()}`;
      const { message_sid: sid } = twilio().inbound({ from, body });
      const ticket = await customers.ticketOf(from);
      expect(ticket).toMatchObject({ status: 'new', channel: 'phone', account_id: VENDOR_ACCOUNTS.phone });
      const [first, ...others] = await api.a.messages(ticket.id);
      expect(others).toEqual([]);
      expect(first).toMatchObject({
        direction: 'inbound',
        kind: 'public',
        from: { kind: 'phone', id: from },
        to: [{ id: NUMBER, role: 'to' }],
        text: body,
        provider_message_id: sid,
        attachments: [],
        // Twilio's webhook tells no time.
        provider_time: null,
      });
      expect(Date.parse(first?.received_at ?? '')).toBeGreaterThan(began - 2_000);
      expect(Date.parse(first?.received_at ?? '')).toBeLessThanOrEqual(Date.now() + 2_000);
      twilio().inbound({ from, body: 'And when does it come?' });
      const second = await api.a.message(ticket.id, ({ text }) => text === 'And when does it come?');
      expect(second.threading.rule).toBe('conversation_key');
      twilio().inbound({ channel: 'whatsapp', from, body: 'By WhatsApp, too', profile_name: 'Grace' });
      twilio().call({ from, dial: 'no-answer', hangs_up_during: 'Gather' });
      const all = await until('three tickets of one number', async () => {
        const found = await customers.ticketsOf(from);
        return found.length === 3 && found;
      });
      expect(new Set(all.map(({ customer }) => customer.id)).size).toBe(1);
      expect(await api.b.get(`/tickets?channel=phone`)).toMatchObject({ data: [] });
      await twilio().idle();
      expect(twilio().alerts().slice(alerts)).toEqual([]);
    }, 60_000);

    it('a picture of an MMS is there byte for byte', async () => {
      const { api } = system();
      const [from, bytes] = [newNumber(), randomBytes(40_000)];
      twilio().inbound({ from, body: 'The lamp arrived like this', media: [{ content_type: 'image/png', bytes }] });
      const { message } = await customers.withMessage(from, ({ attachments }) => attachments.length === 1);
      expect(message.attachments).toMatchObject([{ content_type: 'image/png', size: bytes.length }]);
      expect((await api.a.bytes(`/messages/${message.id}/attachments/0`)).equals(bytes)).toBe(true);
    }, 60_000);

    it('a picture that Twilio does not hand out yet comes later; one that is gone is told of', async () => {
      const { api } = system();
      const [late, lost, bytes] = [newNumber(), newNumber(), randomBytes(2_000)];
      const media = [{ content_type: 'image/jpeg', bytes }];
      twilio().inbound({ from: late, body: 'soon', media, media_ready_after_ms: 4_000 });
      const { message_sid: sid, media_sids: sids } = twilio().inbound({ from: lost, body: 'gone', media });
      const gone = sids[0] ?? '';
      twilio().faults.add({ where: 'media', kind: 'status', status: 404, match: gone });
      twilio().faults.add({ where: 'api', kind: 'status', status: 404, match: `${sid}/Media` });
      const missing = await customers.withMessage(lost, ({ flags }) => flags.includes('attachment_missing'));
      expect(missing.message.text).toContain('could not be fetched');
      expect((await api.a.messages(missing.ticket.id)).map(({ text }) => text)).toContain('gone');
      const { message } = await customers.withMessage(late, ({ text }) => text === 'soon');
      const whole = await api.a.message(
        message.ticket_id,
        ({ id, attachments }) => id === message.id && attachments.length === 1,
        40_000,
      );
      expect((await api.a.bytes(`/messages/${whole.id}/attachments/0`)).equals(bytes)).toBe(true);
    }, 90_000);

    it('every delivery twice at the same time, and out of order, makes no message twice', async () => {
      const { api } = system();
      twilio().faults.add({ where: 'webhook', kind: 'duplicate', delayMs: 0 });
      twilio().faults.add({ where: 'webhook', kind: 'reorder', times: 10 });
      const numbers = Array.from({ length: 15 }, newNumber);
      for (const from of numbers) {
        twilio().inbound({ from, body: 'one' });
        twilio().inbound({ from, body: 'two', channel: 'sms' });
      }
      await twilio().idle();
      const found = await until('all tickets', async () => {
        const mine = (await customers.all()).filter(({ author }) => numbers.includes(author));
        return mine.length >= numbers.length && mine;
      });
      expect(found.map(({ author }) => author).sort()).toEqual([...numbers].sort());
      await fatesAtRest(api.a, 'phone');
      for (const { id } of found)
        expect((await api.a.messages(id)).map(({ text }) => text).sort()).toEqual(['one', 'two']);
    }, 90_000);
  });

  describe('phone: replies', () => {
    afterEach(() => twilio().faults.clear());

    async function ticketBy(channel: 'sms' | 'whatsapp', from: string): Promise<string> {
      twilio().inbound({ channel, from, body: 'please answer' });
      return (await customers.ticketOf(from)).id;
    }

    it.each([
      ['sms', 'delivered'],
      ['whatsapp', 'read'],
    ] as const)(
      'by %s arrive once; receipts in any order and twice only go forward, to %s',
      async (channel, last) => {
        const { api } = system();
        const from = newNumber();
        const ticket = await ticketBy(channel, from);
        twilio().faults.add({ where: 'webhook', kind: 'duplicate', match: '/status' });
        twilio().faults.add({ where: 'webhook', kind: 'reorder', match: '/status', times: 1 });
        const text = `It comes on Monday. ${randomUUID()}`;
        const ours = await reply(api.a, ticket, { text });
        expect(ours.delivery?.status).toBe('queued');
        const seen: string[] = [];
        await until(`the reply is ${last}`, async () => {
          const now = (await api.a.messages(ticket)).find(({ id }) => id === ours.id)?.delivery?.status ?? '';
          if (seen.at(-1) !== now) seen.push(now);
          return now === last;
        });
        await twilio().idle();
        const ranks = seen.map((status) => STATUS_ORDER.indexOf(status));
        expect(ranks).toEqual([...ranks].sort());
        const address = channel === 'sms' ? from : `whatsapp:${from}`;
        const [sent, ...more] = sentTo(address);
        expect(more).toEqual([]);
        expect(sent).toMatchObject({ body: text, from: channel === 'sms' ? NUMBER : `whatsapp:${NUMBER}` });
        const end = await delivered(api.a, ours, last);
        expect(end.provider_message_id).toBe(sent?.sid);
        expect(await api.a.get(`/tickets/${ticket}`)).toMatchObject({ status: 'open' });
      },
      60_000,
    );

    it('after STOP are refused with the word, and nobody answers it; START lifts that', async () => {
      const { api } = system();
      const from = newNumber();
      const ticket = await ticketBy('sms', from);
      twilio().inbound({ from, body: 'Stop' });
      const stop = await api.a.message(ticket, ({ text }) => text === 'Stop');
      expect(stop.flags).toContain('opt_out');
      const refused = await tryReply(api.a, ticket, { text: 'But please!' });
      expect([refused.status, refused.body]).toMatchObject([
        409,
        { detail: expect.stringContaining('opted out of messages with "Stop"') as string },
      ]);
      expect(sentTo(from)).toEqual([]);
      twilio().inbound({ from, body: 'START' });
      const start = await api.a.message(ticket, ({ text }) => text === 'START');
      expect(start.flags).toContain('opt_in');
      await delivered(api.a, await reply(api.a, ticket, { text: 'Welcome back' }), 'delivered');
      expect(sentTo(from).map(({ body }) => body)).toEqual(['Welcome back']);
    }, 60_000);

    it('when the 24 hours of WhatsApp are over: 409 says what is still possible, and the template goes out', async () => {
      const { api } = system();
      const { ticket, message } = await customers.withMessage(
        YESTERDAYS_CUSTOMER,
        ({ text }) => text === YESTERDAYS_TEXT,
      );
      expect(message.provider_time).toBe(system().vendors.writtenYesterdayAt);
      expect(message.flags).toContain('backfilled');
      expect(ticket.reply_windows.map(({ rule, open }) => [rule, open])).toEqual([
        ['template', true],
        ['standard', false],
      ]);
      const refused = await tryReply(api.a, ticket.id, { text: 'Yes, it is.' });
      expect([refused.status, refused.body]).toMatchObject([
        409,
        { detail: expect.stringContaining('Still possible: private template') as string },
      ]);
      const [{ sid } = { sid: '' }] = twilio().account.templates;
      const answer = { text: 'Hello Ada, we have an answer', template: { id: sid, variables: { 1: 'Ada' } } };
      await delivered(api.a, await reply(api.a, ticket.id, answer), 'read');
      expect(sentTo(`whatsapp:${YESTERDAYS_CUSTOMER}`)).toMatchObject([
        { content_sid: sid, body: expect.stringContaining('Hello Ada') as string },
      ]);
    }, 60_000);

    it('whose answer was lost are found at Twilio and sent once; a look-alike makes them unknown', async () => {
      const { api } = system();
      const [from, other] = [newNumber(), newNumber()];
      const [ticket, second] = await Promise.all([ticketBy('sms', from), ticketBy('whatsapp', other)]);
      twilio().faults.add({ where: 'api', kind: 'no_answer_after_accept', match: CREATE, times: 2 });
      // News of what Twilio sends would tell at once.
      twilio().faults.add({ where: 'webhook', kind: 'drop', match: '/status' });
      const text = `Said once ${randomUUID()}`;
      const lost = await reply(api.a, ticket, { text });
      const [template = { sid: '' }] = twilio().account.templates;
      const use = { text: 'the template', template: { id: template.sid, variables: { 1: 'Bo' } } };
      const unclear = await reply(api.a, second, use);
      await until('both were taken without an answer', () => twilio().faults.list()[0]?.fired === 2);
      await sendTemplateElsewhere(twilio(), other, template.sid, { 1: 'Bo' });
      const unknown = await delivered(api.a, unclear, 'unknown', 60_000);
      expect(unknown.delivery?.reason).toMatch(/look alike/);
      // Found under its SID; by that the list then tells what the callbacks did not.
      const found = await delivered(api.a, lost, 'delivered', 60_000);
      const onPhone = sentTo(from);
      expect(onPhone.map(({ body }) => body)).toEqual([text]);
      expect(found.provider_message_id).toBe(onPhone[0]?.sid);
      expect(sentTo(`whatsapp:${other}`)).toHaveLength(2);
      // The same list told that both templates were read: of neither is it known that it is the reply.
      await fatesAtRest(api.a, 'phone');
      const after = await api.a.message(second, ({ id }) => id === unclear.id);
      expect(after).toMatchObject({ provider_message_id: null, delivery: { status: 'unknown' } });
    }, 120_000);
  });

  describe('phone: fates', () => {
    it('add up when all is quiet', async () => {
      await twilio().idle();
      const { captured } = await fatesAtRest(system().api.a, 'phone');
      expect(captured).toBeGreaterThan(0);
      expect(await deadLettersOf(system().api.a, VENDOR_ACCOUNTS.phone)).toEqual([]);
    });
  });
}

/** Another program of the shop sends the same template to the same person. */
async function sendTemplateElsewhere(
  { url, account }: Twilio,
  to: string,
  contentSid: string,
  variables: Readonly<Record<string, string>>,
): Promise<void> {
  const { account_sid: sid, auth_token: token } = account;
  const answer = await fetch(`${url}/api.twilio.com/2010-04-01/Accounts/${sid}/Messages.json`, {
    method: 'POST',
    headers: { authorization: `Basic ${Buffer.from(`${sid}:${token}`).toString('base64')}` },
    body: new URLSearchParams({
      To: `whatsapp:${to}`,
      From: `whatsapp:${NUMBER}`,
      ContentSid: contentSid,
      ContentVariables: JSON.stringify(variables),
    }),
  });
  if (answer.status !== 201) throw new Error(`${answer.status} ${await answer.text()}`);
}
