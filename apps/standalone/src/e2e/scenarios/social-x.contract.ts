import { randomBytes, randomUUID } from 'node:crypto';
import {
  Customers,
  delivered,
  fatesAtRest,
  reply,
  tryReply,
  until,
  VENDOR_ACCOUNTS,
  type FateReport,
  type SystemUnderTest,
} from '@fanin/trials';

type X = SystemUnderTest['vendors']['x']['simulator'];

/** A handle that nobody has used in this run. */
export function newHandle(): string {
  return `c${randomBytes(5).toString('hex')}`;
}

/** Mentions, replies and direct messages on X, both doors open, in public and privately. */
export function describeSocialX(system: () => SystemUnderTest): void {
  const x = (): X => system().vendors.x.simulator;
  const customers = new Customers(() => system().api.a, 'social');
  const sentAs = (kind: string, words: string): ReturnType<X['sent']> =>
    x()
      .sent()
      .filter((each) => each.kind === kind && each.text?.includes(words) === true);
  const duplicates = async (): Promise<number> => {
    const { channels } = await system().api.a.get<FateReport>('/fates');
    return channels.find(({ channel }) => channel === 'social')?.fates['duplicate'] ?? 0;
  };

  describe('X: in public and privately', () => {
    afterEach(() => x().faults.clear());

    it('a mention is a public ticket at its own time; what comes by both doors is one message', async () => {
      const { api } = system();
      const [before, handle, words] = [await duplicates(), newHandle(), `Is the lamp waterproof? ${randomUUID()}`];
      const made = x().inbound({ kind: 'mention', from: handle, text: words, media: [{ type: 'photo' }] });
      const ticket = await customers.ticketOf(`x:${made.user_id}`);
      expect(ticket).toMatchObject({ channel: 'social', account_id: VENDOR_ACCOUNTS.x, visibility: 'public' });
      const whole = await api.a.message(ticket.id, ({ attachments }) => attachments.length === 1);
      expect(whole).toMatchObject({
        direction: 'inbound',
        kind: 'public',
        visibility: 'public',
        provider_message_id: made.id,
        from: { kind: 'social', id: `x:${made.user_id}` },
      });
      expect(whole.text).toContain(words);
      expect(Math.abs(Date.parse(whole.provider_time ?? '') - Date.parse(whole.received_at))).toBeLessThan(60_000);
      const picture = await api.a.bytes(`/messages/${whole.id}/attachments/0`);
      expect(picture.subarray(1, 4).toString()).toBe('PNG');
      await until('the other door brought it, too', async () => (await duplicates()) > before);
      expect(await customers.ticketsOf(`x:${made.user_id}`)).toHaveLength(1);
      expect(await api.a.messages(ticket.id)).toHaveLength(1);
    }, 60_000);

    it('answers go out once, in public or privately, and what the customer says to them joins the ticket', async () => {
      const { api } = system();
      const handle = newHandle();
      const mention = x().inbound({ kind: 'mention', from: handle, text: 'my parcel is late' });
      const author = `x:${mention.user_id}`;
      const ticket = await customers.ticketOf(author);
      const mark = randomUUID().slice(0, 8);
      const inPublic = await reply(api.a, ticket.id, { text: `We look into it ${mark}` });
      await delivered(api.a, inPublic, 'sent');
      const [post, ...more] = sentAs('post', mark);
      expect(more).toEqual([]);
      expect(post).toMatchObject({ in_reply_to: mention.id, text: expect.stringContaining(`@${handle}`) as string });
      x().inbound({ kind: 'reply', from: handle, in_reply_to: post?.id ?? '', text: 'thank you!' });
      const joined = await api.a.message(ticket.id, ({ text }) => text.includes('thank you!'));
      expect(joined.visibility).toBe('public');
      const secretly = await reply(api.a, ticket.id, { text: `Your address? ${mark}`, visibility: 'private' });
      await delivered(api.a, secretly, 'sent');
      expect(sentAs('dm', mark)).toMatchObject([{ to: handle }]);
      expect(sentAs('post', mark)).toHaveLength(1);
      // X tells the account what it wrote itself: that is on the ticket already.
      await x().idle();
      await fatesAtRest(api.a, 'social');
      const ours = (await api.a.messages(ticket.id)).filter(({ direction }) => direction === 'outbound');
      expect(ours.map(({ id }) => id)).toEqual([inPublic.id, secretly.id]);
      expect(await customers.ticketsOf(author)).toHaveLength(1);
    }, 60_000);

    it('a direct message is a private ticket, answered privately once, and the read mark is a receipt', async () => {
      const { api } = system();
      const [handle, mark] = [newHandle(), randomUUID().slice(0, 8)];
      const made = x().inbound({ kind: 'dm', from: handle, text: 'privately', media: [{ type: 'photo' }] });
      const ticket = await customers.ticketOf(`x:${made.user_id}`);
      expect(ticket.visibility).toBe('private');
      const first = await api.a.message(ticket.id, ({ attachments }) => attachments.length === 1);
      expect((await api.a.bytes(`/messages/${first.id}/attachments/0`)).length).toBeGreaterThan(50);
      const refused = await tryReply(api.a, ticket.id, { text: 'shouted', visibility: 'public' });
      expect([refused.status, refused.text]).toEqual([409, expect.stringContaining('private')]);
      const ours = await reply(api.a, ticket.id, { text: `quietly ${mark}` });
      await delivered(api.a, ours, 'sent');
      expect(sentAs('dm', mark)).toMatchObject([{ to: handle }]);
      x().inbound({ kind: 'read', from: handle });
      await delivered(api.a, ours, 'read');
    }, 60_000);

    it('an edited post shows its new words, a deleted one none', async () => {
      const { api } = system();
      const [one, two] = [newHandle(), newHandle()];
      const edited = x().inbound({ kind: 'mention', from: one, text: 'first words' });
      const deleted = x().inbound({ kind: 'mention', from: two, text: 'my card is 4111 1111' });
      const [kept, gone] = [
        await customers.ticketOf(`x:${edited.user_id}`),
        await customers.ticketOf(`x:${deleted.user_id}`),
      ];
      const { username } = x().accounts()[0] ?? { username: '' };
      x().inbound({ kind: 'edit', from: one, id: edited.id, text: `@${username} second words` });
      x().inbound({ kind: 'delete', from: two, id: deleted.id });
      const now = await api.a.message(kept.id, (m) => m.kind === 'public' && m.text.includes('second words'));
      expect(now.flags).toContain('edited');
      const empty = await api.a.message(gone.id, ({ flags, kind }) => kind === 'public' && flags.includes('deleted'));
      expect(empty.text).toBe('');
    }, 60_000);

    it('what the shop writes in X itself is shown as its own, and is nobody else’s message', async () => {
      const { api } = system();
      const mention = x().inbound({ kind: 'mention', from: newHandle(), text: 'anybody there?' });
      const author = `x:${mention.user_id}`;
      const ticket = await customers.ticketOf(author);
      x().inbound({ kind: 'own_post', text: 'By phone, from the shop', in_reply_to: mention.id });
      x().inbound({ kind: 'own_post', text: 'New lamps in stock!' });
      const own = await api.a.message(ticket.id, ({ text }) => text.includes('By phone, from the shop'));
      expect(own).toMatchObject({ direction: 'outbound', visibility: 'public' });
      await x().idle();
      await fatesAtRest(api.a, 'social');
      const { id } = x().accounts()[0] ?? { id: '' };
      expect(await customers.ticketsOf(`x:${id}`)).toEqual([]);
      expect(await api.a.messages(ticket.id)).toHaveLength(2);
    }, 60_000);
  });
}
