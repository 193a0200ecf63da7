import {
  delivered,
  MetaDesk,
  newWhatsappNumber,
  reply,
  tryReply,
  unique,
  until,
  type MetaInbound,
  type Seen,
  type SystemUnderTest,
} from '@fanin/trials';

const DAY_S = 86_400;
const WEEK_HOURS = 7 * 24;

/** What agents answer there: in which window, to whom, once. */
export function describeMetaReplies(system: () => SystemUnderTest): void {
  const desk = new MetaDesk(system);
  const person = (): { name: string } => ({ name: unique('Nora') });
  const windowsOf = async (ticketId: string) =>
    Object.fromEntries((await desk.ticket(ticketId)).reply_windows.map((window) => [window.rule, window]));
  const outbound = async (ticketId: string) =>
    (await desk.api.messages(ticketId)).filter(({ direction }) => direction === 'outbound');
  const openRules = async (ticketId: string): Promise<readonly string[]> =>
    Object.values(await windowsOf(ticketId)).flatMap(({ rule, open }) => (open ? [rule] : []));
  const receipts = (body: { echo?: boolean; delivered?: boolean; read?: boolean }): Promise<void> =>
    desk.meta.configure({ receipts: body });

  afterEach(async () => {
    desk.meta.faults.clear();
    await receipts({ echo: true, delivered: true, read: false });
  });

  describe('answers to direct messages', () => {
    it.each([
      ['messenger', 'messenger'],
      ['instagram_dm', 'instagram'],
    ] as const)(
      'of %s: at once, as a person within seven days, and not at all after that',
      async (channel, platform) => {
        const fresh = await desk.opened({ channel, from: person(), text: 'Hi' });
        const { standard, human_agent: human } = await windowsOf(fresh.ticket.id);
        expect(standard).toMatchObject({ visibility: 'private', sends: 'text', open: true, once: false });
        expect(standard?.seconds_left).toBeGreaterThan(DAY_S - 120);
        expect(standard?.seconds_left).toBeLessThanOrEqual(DAY_S);
        expect(human?.seconds_left).toBeGreaterThan(7 * DAY_S - 120);
        const atOnce = await reply(desk.api, fresh.ticket.id, { text: unique('At once.') });
        const sent = await desk.sentOnce(atOnce.text);
        expect(sent).toMatchObject({ kind: 'message', to: fresh.said.from });
        expect(sent.tag).toBeUndefined();

        const days = await desk.opened({ channel, from: person(), text: 'Hi', at: desk.ago(30) });
        const rules = await windowsOf(days.ticket.id);
        expect([rules['standard']?.open, rules['standard']?.seconds_left, rules['human_agent']?.open]).toEqual([
          false,
          0,
          true,
        ]);
        const late = await reply(desk.api, days.ticket.id, { text: unique('After a day.') });
        expect((await desk.sentOnce(late.text)).tag).toBe('HUMAN_AGENT');

        const from = person();
        const old = await desk.opened({ channel, from, text: 'Hi', at: desk.ago(WEEK_HOURS + 1) });
        expect(await openRules(old.ticket.id)).toEqual([]);
        const text = unique('Too late.');
        const refused = await tryReply(desk.api, old.ticket.id, { text });
        expect([refused.status, refused.type]).toEqual([409, expect.stringContaining('application/problem+json')]);
        expect(refused.text).toMatch(/human_agent.*closed on.*Nothing can be sent until the customer writes again/);
        expect(await outbound(old.ticket.id)).toEqual([]);
        await desk.says({ channel, from, text: 'Hello?' });
        await until('the window is open again', async () => (await openRules(old.ticket.id)).includes('standard'));
        const better = await reply(desk.api, old.ticket.id, { text });
        await delivered(desk.api, better, platform === 'messenger' ? 'delivered' : 'sent');
        await desk.meta.idle();
        for (const words of [atOnce.text, late.text, text]) expect(desk.sent(words)).toHaveLength(1);
        // Meta told of each of them, as of everything that the account says: they are there once.
        for (const { ticket } of [fresh, days, old]) expect(await outbound(ticket.id)).toHaveLength(1);
      },
      60_000,
    );

    it('of WhatsApp: any words for a day, then templates', async () => {
      const fresh = await desk.opened({
        channel: 'whatsapp',
        from: { id: newWhatsappNumber(), name: 'Mia' },
        text: 'Hei',
      });
      const words = await reply(desk.api, fresh.ticket.id, { text: unique('Hei hei.') });
      expect(await desk.sentOnce(words.text)).toMatchObject({ kind: 'message', reply_to: fresh.said.id });
      await delivered(desk.api, words, 'delivered');
      const old = await desk.opened({
        channel: 'whatsapp',
        from: { id: newWhatsappNumber(), name: 'Ola' },
        text: 'Hei',
        at: desk.ago(25),
      });
      const { customer_service: service, template } = await windowsOf(old.ticket.id);
      expect([service?.open, service?.seconds_left, template?.open, template?.sends]).toEqual([
        false,
        0,
        true,
        'template',
      ]);
      const refused = await tryReply(desk.api, old.ticket.id, { text: 'Hei' });
      expect([refused.status, refused.text]).toEqual([
        409,
        expect.stringContaining('Still possible: private template'),
      ]);
      const use = { id: 'reopen_conversation', language: 'en', variables: { 1: 'order 1042' } };
      const text = unique('May we go on about order 1042?');
      const opened = await reply(desk.api, old.ticket.id, { text, template: use });
      expect((await delivered(desk.api, opened, 'delivered')).delivery?.reason).toBeNull();
      const sent = desk.meta.sent().filter(({ to, channel }) => channel === 'whatsapp' && to === old.said.from);
      expect(sent).toMatchObject([{ kind: 'template', template: { name: 'reopen_conversation' } }]);
      const unknown = await reply(desk.api, old.ticket.id, { text, template: { ...use, id: 'nobody_approved' } });
      expect((await delivered(desk.api, unknown, 'failed')).delivery).toMatchObject({
        code: 'BAD_PAYLOAD',
        reason: expect.stringContaining('132001') as string,
      });
    }, 60_000);
  });

  describe('answers to comments', () => {
    it.each([
      ['page_comment', 'messenger'],
      ['instagram_comment', 'instagram_dm'],
    ] as const)(
      'of %s: in public as often as one likes, privately once',
      async (channel, direct) => {
        const { ticket, said } = await desk.opened({ channel, from: person(), text: 'Price?' });
        const { comment, private_reply: once } = await windowsOf(ticket.id);
        expect(comment).toMatchObject({ visibility: 'public', open: true, seconds_left: null });
        expect(once).toMatchObject({ visibility: 'private', open: true, once: true });
        const shown = await reply(desk.api, ticket.id, { text: unique('See our shop.') });
        expect(shown).toMatchObject({ visibility: 'public' });
        expect(await desk.sentOnce(shown.text)).toMatchObject({ channel, kind: 'comment', comment_id: said.id });
        await delivered(desk.api, shown, 'sent');
        const more = await reply(desk.api, ticket.id, { text: unique('And the sale.'), visibility: 'public' });
        await delivered(desk.api, more, 'sent');
        const quiet = await reply(desk.api, ticket.id, { text: unique('For you 10 % off.'), visibility: 'private' });
        const sent = await desk.sentOnce(quiet.text);
        expect(sent).toMatchObject({ channel: direct, kind: 'private_reply', comment_id: said.id, to: said.from });
        const again = await tryReply(desk.api, ticket.id, { text: 'Once more', visibility: 'private' });
        expect([again.status, again.text]).toEqual([409, expect.stringContaining('takes one answer, which was given')]);
        await desk.meta.idle();
        await until('the private answer is sent', async () =>
          (await outbound(ticket.id)).every(({ delivery }) => ['sent', 'delivered'].includes(delivery?.status ?? '')),
        );
        expect((await outbound(ticket.id)).map(({ text }) => text)).toEqual([shown.text, more.text, quiet.text]);
        for (const words of [shown.text, more.text, quiet.text]) expect(desk.sent(words)).toHaveLength(1);
      },
      60_000,
    );

    it('refuse a private one after a week, and never close the public one', async () => {
      const at = desk.ago(WEEK_HOURS + 1);
      const { ticket } = await desk.opened({ channel: 'page_comment', from: person(), text: 'Still there?', at });
      expect(await openRules(ticket.id)).toEqual(['comment']);
      expect((await tryReply(desk.api, ticket.id, { text: 'Yes', visibility: 'private' })).status).toBe(409);
      const shown = await reply(desk.api, ticket.id, { text: unique('Yes.'), visibility: 'public' });
      await delivered(desk.api, shown, 'sent');
      const direct = await desk.opened({ channel: 'messenger', from: person(), text: 'Hi' });
      expect((await tryReply(desk.api, direct.ticket.id, { text: 'Hi', visibility: 'public' })).status).toBe(409);
    }, 60_000);
  });

  describe('what Meta tells of our own answers', () => {
    const places: readonly (readonly [string, (from: { name: string; id?: string }) => MetaInbound])[] = [
      ['messenger', (from) => ({ channel: 'messenger', from, text: 'Hi' })],
      ['instagram_dm', (from) => ({ channel: 'instagram_dm', from, text: 'Hi' })],
      ['page_comment', (from) => ({ channel: 'page_comment', from, text: 'Hi' })],
      ['instagram_comment', (from) => ({ channel: 'instagram_comment', from, text: 'Hi' })],
    ];

    it('makes no second row, also when it comes before the answer to our call, which is lost', async () => {
      const opened: (Seen & { text: string })[] = [];
      for (const [, ask] of places) opened.push({ ...(await desk.opened(ask(person()))), text: unique('Answered.') });
      desk.meta.faults.add({
        where: 'api',
        kind: 'no_answer_after_accept',
        match: '/(messages|comments|replies)',
        times: 4,
      });
      const replies = await Promise.all(opened.map(({ ticket, text }) => reply(desk.api, ticket.id, { text })));
      for (const { text } of replies) await desk.sentOnce(text);
      expect(desk.meta.faults.list()).toMatchObject([{ fired: 4 }]);
      for (const each of replies)
        await until(`it is known that "${each.text}" was sent`, async () =>
          (await outbound(each.ticket_id)).some(({ delivery }) =>
            ['sent', 'delivered'].includes(delivery?.status ?? ''),
          ),
        );
      await desk.meta.idle();
      for (const { ticket, text } of opened) {
        expect([text, (await outbound(ticket.id)).map((row) => row.text)]).toEqual([text, [text]]);
        expect(desk.sent(text)).toHaveLength(1);
      }
    }, 60_000);

    it('moves a receipt forward only, in whatever order it comes', async () => {
      await receipts({ delivered: false });
      const statusOf = async (ticketId: string): Promise<readonly (string | undefined)[]> =>
        (await outbound(ticketId)).map(({ delivery }) => delivery?.status);
      const from = person();
      const { ticket, said } = await desk.opened({ channel: 'messenger', from, text: 'Hi' });
      const first = await delivered(desk.api, await reply(desk.api, ticket.id, { text: unique('One.') }), 'sent');
      await desk.says({ channel: 'messenger', kind: 'read', from, watermark: Date.now() });
      await delivered(desk.api, first, 'read');
      const mids = [first.provider_message_id ?? ''];
      await desk.says({ channel: 'messenger', kind: 'delivery', from, mids, watermark: Date.now() });
      const second = await delivered(desk.api, await reply(desk.api, ticket.id, { text: unique('Two.') }), 'sent');
      await desk.says({ channel: 'messenger', kind: 'delivery', from, watermark: Date.now() });
      await delivered(desk.api, second, 'delivered');
      expect(await statusOf(ticket.id)).toEqual(['read', 'delivered']);
      await desk.says({ channel: 'messenger', kind: 'read', from, watermark: Date.now() });
      await delivered(desk.api, second, 'read');
      expect(said.author).toContain(said.from);

      const seen = await desk.opened({ channel: 'instagram_dm', from: person(), text: 'Hi' });
      const shown = await delivered(
        desk.api,
        await reply(desk.api, seen.ticket.id, { text: unique('Three.') }),
        'sent',
      );
      const mid = shown.provider_message_id ?? '';
      await desk.says({ channel: 'instagram_dm', kind: 'read', from: seen.said.from, mid });
      await delivered(desk.api, shown, 'read');

      const number = { id: newWhatsappNumber(), name: 'Kai' };
      const chat = await desk.opened({ channel: 'whatsapp', from: number, text: 'Hi' });
      const tell = (
        wamid: string,
        status: 'sent' | 'delivered' | 'read' | 'failed',
        error?: { code: number; title: string },
      ) =>
        desk.says({
          channel: 'whatsapp',
          kind: 'status',
          mid: wamid,
          status,
          ...(error === undefined ? {} : { error }),
        });
      const read = await delivered(desk.api, await reply(desk.api, chat.ticket.id, { text: unique('Four.') }), 'sent');
      for (const status of ['read', 'delivered', 'sent'] as const) await tell(read.provider_message_id ?? '', status);
      const lost = await delivered(desk.api, await reply(desk.api, chat.ticket.id, { text: unique('Five.') }), 'sent');
      await tell(lost.provider_message_id ?? '', 'failed', { code: 131026, title: 'Message undeliverable' });
      expect((await delivered(desk.api, lost, 'failed')).delivery).toMatchObject({
        code: 'UNSUPPORTED',
        reason: expect.stringContaining('131026') as string,
      });
      expect(await statusOf(chat.ticket.id)).toEqual(['read', 'failed']);
    }, 60_000);
  });
}
