import { randomUUID } from 'node:crypto';
import { ADA, handIn, MAIL, mailOf, newMessageId, until, type MessageView, type SystemUnderTest } from '@fanin/trials';

/** Replies by mail: once, in the thread, and honest about what became of them. */
export function describeReplies(system: () => SystemUnderTest): void {
  const ticketFor = async (subject: string, messageId = newMessageId()): Promise<string> => {
    await handIn(system().smtpPort, mailOf({ to: MAIL.a, subject, text: 'please answer', messageId }), { to: MAIL.a });
    return (await system().api.a.ticketWith(subject)).id;
  };
  const delivered = (ticket: string, id: string, status: string, timeoutMs?: number): Promise<MessageView> =>
    system().api.a.message(ticket, (message) => message.id === id && message.delivery?.status === status, timeoutMs);

  describe('replies out by mail', () => {
    it('arrive once, in the thread, from the signed address; queued becomes sent', async () => {
      const { api, relay } = system();
      const messageId = newMessageId();
      const ticket = await ticketFor('Answer me', messageId);
      const key = randomUUID();
      const text = `The parcel is on its way. ${key}`;
      const reply = await api.a.reply(ticket, { text }, key);
      expect(reply.delivery?.status).toBe('queued');
      const again = await Promise.all([1, 2, 3].map(() => api.a.reply(ticket, { text }, key)));
      expect(again.map(({ id }) => id)).toEqual([reply.id, reply.id, reply.id]);
      const sent = await relay.mailWith(key);
      expect(sent.envelopeTo).toEqual([ADA]);
      expect(sent.mail.subject).toBe('Re: Answer me');
      expect(sent.mail.inReplyTo).toBe(messageId);
      expect([sent.mail.references].flat()).toContain(messageId);
      expect(sent.mail.replyTo?.value[0]?.address).toMatch(/^support\+t\.[a-z0-9]+\.[a-z2-7]{20}@a\.test$/);
      expect(sent.mail.from?.value[0]?.address).toBe(MAIL.a);
      expect(sent.mail.headers.has('auto-submitted')).toBe(false);
      const done = await delivered(ticket, reply.id, 'sent');
      expect(done.provider_message_id).toBe(sent.mail.messageId);
      expect((await api.a.ticketWith('Answer me')).status).toBe('open');
      // A second reply goes out behind the first: were the first sent twice, it would be here by now.
      const second = await api.a.reply(ticket, { text: `and one more ${randomUUID()}` });
      await delivered(ticket, second.id, 'sent');
      expect(relay.with(key)).toHaveLength(1);
      expect((await api.a.messages(ticket)).filter(({ direction }) => direction === 'outbound')).toHaveLength(2);
    });

    it('refuse the same Idempotency-Key for something else', async () => {
      const { api } = system();
      const ticket = await ticketFor('Keyed');
      const headers = { 'idempotency-key': randomUUID() };
      const path = `/api/v1/tickets/${ticket}/replies`;
      expect((await api.a.call('POST', path, { body: { text: 'one' }, headers })).status).toBe(201);
      const other = await api.a.call('POST', path, { body: { text: 'two' }, headers });
      expect([other.status, other.type]).toEqual([409, expect.stringContaining('application/problem+json')]);
    });

    it('that the relay refuses are failed with a reason; those it never answered are unknown and not sent again', async () => {
      const { api, relay } = system();
      const ticket = await ticketFor('Refused');
      relay.mood = 'refuse';
      try {
        const refused = await api.a.reply(ticket, { text: `refused ${randomUUID()}` });
        const failed = await delivered(ticket, refused.id, 'failed');
        expect(failed.delivery).toMatchObject({
          code: 'BAD_PAYLOAD',
          reason: expect.stringContaining('554') as string,
        });
        relay.mood = 'hang_up';
        const before = relay.unanswered;
        const lost = await api.a.reply(ticket, { text: `unanswered ${randomUUID()}` });
        const unknown = await delivered(ticket, lost.id, 'unknown', 30_000);
        expect(unknown.delivery?.reason).toContain('may have been sent');
        expect(relay.unanswered - before).toBe(1);
      } finally {
        relay.mood = 'take';
      }
    }, 60_000);

    it('wait while the relay is away and arrive once when it is back', async () => {
      const { api, relay } = system();
      const ticket = await ticketFor('Relay away');
      const text = `after the outage ${randomUUID()}`;
      relay.goAway();
      const before = relay.turnedAway;
      try {
        const reply = await api.a.reply(ticket, { text });
        await until('two attempts at the relay', () => relay.turnedAway >= before + 2);
        expect((await api.a.message(ticket, ({ id }) => id === reply.id)).delivery?.status).toBe('queued');
        relay.mood = 'take';
        await delivered(ticket, reply.id, 'sent', 40_000);
      } finally {
        relay.mood = 'take';
      }
      expect(relay.with(text)).toHaveLength(1);
    }, 60_000);
  });
}
