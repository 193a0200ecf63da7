import {
  MetaDesk,
  newWhatsappNumber,
  unique,
  until,
  VENDOR_ACCOUNTS,
  type DeliveryView,
  type MessageView,
  type MetaInbound,
  type Seen,
  type SystemUnderTest,
} from '@fanin/trials';

const PDF = Buffer.from('%PDF-1.7 the receipt of a customer, byte for byte: \u0000\u00ff');
const PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);
const base64 = (bytes: Buffer): string => bytes.toString('base64');

/** What customers do there, as agents see it. */
export function describeMetaInbound(system: () => SystemUnderTest): void {
  const desk = new MetaDesk(system);
  const { messenger, instagram, whatsapp } = VENDOR_ACCOUNTS;
  const bytesOf = ({ id }: MessageView, n = 0): Promise<Buffer> => desk.api.bytes(`/messages/${id}/attachments/${n}`);
  const again = ({ ticket, message }: Seen, fits: (now: MessageView) => boolean): Promise<MessageView> =>
    desk.api.message(ticket.id, (now) => now.id === message.id && fits(now));
  const news = ({ ticket, message }: Seen, change: string): Promise<MessageView> =>
    desk.api.message(ticket.id, ({ amends }) => amends?.message_id === message.id && amends.change === change);

  describe('Messenger', () => {
    it('is one thread of one customer: words, files, buttons and answers, with both clocks', async () => {
      const from = { name: unique('Ida Moe') };
      const [at, began] = [desk.ago(1.5), Date.now()];
      const first = await desk.opened({ channel: 'messenger', from, at, text: 'Is the tent waterproof?' });
      const { ticket, message, said } = first;
      expect(ticket).toMatchObject({ channel: 'social', account_id: messenger, status: 'new', subject: null });
      expect(message).toMatchObject({
        direction: 'inbound',
        kind: 'public',
        text: 'Is the tent waterproof?',
        provider_time: at,
        from: { kind: 'social', id: said.author },
      });
      expect(Date.parse(message.received_at)).toBeGreaterThanOrEqual(began);
      const file = { type: 'file', base64: base64(PDF), mime: 'application/pdf', filename: 'receipt.pdf' } as const;
      const image = { type: 'image', base64: base64(PNG), mime: 'image/png', filename: 'tent.png' } as const;
      const bodies: readonly Partial<MetaInbound>[] = [
        { text: 'See here', attachments: [file, image] },
        { text: 'Size M', quick_reply: 'SIZE_M' },
        { kind: 'postback', title: 'Track my order', payload: 'TRACK' },
        { text: 'I mean this one', reply_to: said.id },
      ];
      const seen: Seen[] = [];
      for (const body of bodies)
        seen.push(await desk.seen(await desk.says({ ...body, channel: 'messenger', from } as MetaInbound)));
      expect(seen.map((each) => [each.ticket.id, each.ticket.customer.id])).toEqual(
        bodies.map(() => [ticket.id, ticket.customer.id]),
      );
      const [files, quick, pressed, answer] = seen.map((each) => each.message);
      if (files === undefined) throw new Error('there is no message with files');
      expect(files.attachments).toMatchObject([
        { name: 'receipt.pdf', content_type: 'application/pdf' },
        { name: 'tent.png' },
      ]);
      expect([await bytesOf(files, 0), await bytesOf(files, 1)]).toEqual([PDF, PNG]);
      expect(quick).toMatchObject({ text: 'Size M', flags: ['quick_reply'] });
      expect(pressed).toMatchObject({ text: 'Track my order', flags: ['postback'] });
      expect(answer).toMatchObject({ text: 'I mean this one' });
      expect(await desk.customers.ticketsOf(said.author)).toHaveLength(1);
    }, 60_000);

    it('shows on the message what is done to it: edits, reactions, taking back', async () => {
      const from = { name: unique('Una Berg') };
      const first = await desk.opened({ channel: 'messenger', from, text: 'Two pairs, pleas' });
      const about = { channel: 'messenger', from, mid: first.said.id } as const;
      await desk.says({ ...about, kind: 'edit', text: 'Two pairs, please' });
      expect(await again(first, ({ text }) => text === 'Two pairs, please')).toMatchObject({ flags: ['edited'] });
      expect((await news(first, 'edited')).amends?.earlier_text).toBe('Two pairs, pleas');
      await desk.says({ ...about, kind: 'reaction', action: 'react', emoji: '👍' });
      const liked = await again(first, ({ reactions }) => reactions.length > 0);
      expect(liked.reactions).toMatchObject([{ value: '👍', from: { id: first.said.author } }]);
      await desk.says({ ...about, kind: 'reaction', action: 'unreact' });
      await again(first, ({ reactions }) => reactions.length === 0);
      await desk.says({ ...about, kind: 'unsend' });
      expect(await again(first, ({ flags }) => flags.includes('deleted'))).toMatchObject({ text: '' });
      const rows = await desk.api.messages(first.ticket.id);
      expect(rows.filter(({ kind }) => kind === 'public')).toHaveLength(1);
      expect(JSON.stringify(rows)).not.toContain('Two pairs');
    }, 60_000);

    it('takes what another tool of the shop wrote for an answer of the shop', async () => {
      const from = { name: unique('Ole Dahl') };
      const { ticket, said } = await desk.opened({ channel: 'messenger', from, text: 'Anybody there?' });
      const text = unique('Kai here, from the Page inbox.');
      await desk.says({ channel: 'messenger', kind: 'echo', from: said.from, text });
      const echo = await desk.api.message(ticket.id, (message) => message.text === text);
      expect(echo).toMatchObject({ direction: 'outbound', kind: 'public', to: [{ id: said.author }] });
      expect(echo.flags).toContain('sent_elsewhere');
      expect((await desk.ticket(ticket.id)).first_replied_at).not.toBeNull();
      expect(desk.sent(text)).toEqual([]);
    }, 60_000);

    it('leaves to another app what is said while that one has the thread, and says so', async () => {
      const said = await desk.says({
        channel: 'messenger',
        from: { name: unique('Liv Strand') },
        text: 'to the other app',
        standby: true,
      });
      const [delivery] = await until('the delivery has its fate', async () => {
        const rows = await desk.api.all<DeliveryView>('/deliveries?channel=social&rule=standby&limit=200');
        return rows.some(({ parts }) => parts[0]?.evidence?.includes(said.id)) && rows;
      });
      expect(delivery?.parts).toMatchObject([{ fate: 'ignored', rule: 'standby' }]);
      expect(await desk.customers.ticketsOf(said.author)).toEqual([]);
    }, 60_000);

    it('asks for a new link to a file when that of the delivery has ended', async () => {
      const file = { type: 'file', base64: base64(PDF), mime: 'application/pdf', filename: 'late.pdf' } as const;
      await desk.meta.configure({ cdn_ttl_ms: -1_000 });
      const said = desk.meta.inbound({ channel: 'messenger', from: { name: unique('Eva') }, attachments: [file] });
      await desk.meta.configure({ cdn_ttl_ms: 3_600_000 });
      const seen = await desk.seen({ ...said, author: `messenger:${said.account}:${said.from}` });
      expect(await bytesOf(await again(seen, ({ attachments }) => attachments.length === 1))).toEqual(PDF);
    }, 60_000);
  });

  describe('comments on a Page', () => {
    it('are a public thread with those who join in; changes and removals are seen', async () => {
      const photo = { base64: base64(PNG), mime: 'image/png', filename: 'wet.png' };
      const words = unique('Mine leaks.');
      const top = await desk.opened({ channel: 'page_comment', from: { name: unique('Ida') }, text: words, photo });
      expect(top.ticket).toMatchObject({ account_id: messenger, visibility: 'public' });
      expect(top.message).toMatchObject({ text: words, visibility: 'public', from: { id: top.said.author } });
      const withPhoto = await again(top, ({ attachments }) => attachments.length === 1);
      expect(await bytesOf(withPhoto)).toEqual(PNG);
      const joined = await desk.says({
        channel: 'page_comment',
        from: { name: unique('Per Vik') },
        parent: top.said.id,
        text: 'Mine too!',
      });
      const answer = await desk.api.message(top.ticket.id, (message) => message.provider_message_id === joined.id);
      expect(answer).toMatchObject({ text: 'Mine too!', from: { id: joined.author }, visibility: 'public' });
      const about = { channel: 'page_comment', from: top.said.from, comment: top.said.id } as const;
      await desk.says({ ...about, kind: 'edited', text: 'Mine leaks at the seam.' });
      await again(top, ({ text, flags }) => text === 'Mine leaks at the seam.' && flags.includes('edited'));
      await desk.says({ ...about, kind: 'remove' });
      expect(await again(top, ({ flags }) => flags.includes('deleted'))).toMatchObject({ text: '', attachments: [] });
    }, 60_000);
  });

  describe('Instagram', () => {
    it('brings direct messages with files, answers to stories, reactions and taking back', async () => {
      const from = { name: unique('Mia Kern') };
      const at = desk.ago(2);
      const first = await desk.opened({ channel: 'instagram_dm', from, at, text: 'Do you have it in green?' });
      expect(first.ticket).toMatchObject({ channel: 'social', account_id: instagram });
      expect(first.message).toMatchObject({ provider_time: at, from: { kind: 'social', id: first.said.author } });
      const image = { type: 'image', base64: base64(PNG), mime: 'image/png', filename: 'green.png' } as const;
      const picture = await desk.seen(await desk.says({ channel: 'instagram_dm', from, attachments: [image] }));
      expect(picture.ticket.id).toBe(first.ticket.id);
      expect(await bytesOf(await again(picture, ({ attachments }) => attachments.length === 1))).toEqual(PNG);
      const story = { story: { id: '17900000000000001', url: 'https://shop.example/story' } };
      const onStory = await desk.says({ channel: 'instagram_dm', from, text: 'So nice', reply_to: story });
      expect((await desk.seen(onStory)).message.flags).toEqual(['story_reply']);
      const about = { channel: 'instagram_dm', from, mid: first.said.id } as const;
      await desk.says({ ...about, kind: 'reaction', action: 'react', emoji: '❤' });
      await again(first, ({ reactions }) => reactions[0]?.value === '❤');
      await desk.says({ ...about, kind: 'unsend' });
      expect(await again(first, ({ flags }) => flags.includes('deleted'))).toMatchObject({ text: '' });
    }, 60_000);

    it('brings comments, and mentions with what was said there', async () => {
      const from = { name: unique('Tom'), username: unique('tom').replace(' ', '.') };
      const comment = await desk.opened({ channel: 'instagram_comment', from, text: 'Price?' });
      expect(comment.ticket).toMatchObject({ account_id: instagram, visibility: 'public' });
      expect(comment.message).toMatchObject({ text: 'Price?', from: { name: from.username } });
      const words = unique('Bought at @harbour.outdoor');
      const { id } = await desk.says({ channel: 'instagram_mention', from, text: words });
      // Meta tells ids only; who said what is a file that is fetched.
      const mention = await until('the mention is on a ticket', async () => {
        for (const ticket of await desk.customers.all()) {
          if (!ticket.author.endsWith(`mention:${id}`)) continue;
          const [message] = await desk.api.messages(ticket.id);
          if (message?.attachments.length === 1) return message;
        }
        return undefined;
      });
      expect(mention).toMatchObject({ visibility: 'public', flags: expect.arrayContaining(['mention']) as string[] });
      expect((await bytesOf(mention)).toString()).toMatch(new RegExp(`^@${from.username}, .*\\n${words}`));
    }, 60_000);
  });

  describe('WhatsApp', () => {
    it('is one thread of one number: words, files, places and buttons', async () => {
      const from = { id: newWhatsappNumber(), name: 'Jon Aas' };
      const at = desk.ago(3);
      const first = await desk.opened({ channel: 'whatsapp', from, at, text: 'Hei!' });
      expect(first.ticket).toMatchObject({ account_id: whatsapp, customer: { name: 'Jon Aas' } });
      expect(first.message).toMatchObject({
        provider_time: at,
        from: { kind: 'phone', id: `+${from.id}`, name: 'Jon Aas' },
      });
      const kinds = [
        { kind: 'image', caption: 'the seam', file: { base64: base64(PNG), mime: 'image/png' } },
        { kind: 'document', file: { base64: base64(PDF), mime: 'application/pdf', filename: 'receipt.pdf' } },
        { kind: 'location', location: { latitude: 59.91, longitude: 10.75, name: 'Harbour' } },
        { kind: 'button', button: { payload: 'YES', text: 'Yes, please' } },
        { kind: 'interactive', interactive: { id: 'track', title: 'Track my order' } },
      ] as const;
      const seen: Seen[] = [];
      for (const body of kinds) seen.push(await desk.seen(await desk.says({ channel: 'whatsapp', from, ...body })));
      expect(new Set(seen.map(({ ticket }) => ticket.id))).toEqual(new Set([first.ticket.id]));
      const [image, document, place, button, choice] = seen;
      if (image === undefined || document === undefined) throw new Error('the files are missing');
      expect(image.message.text).toBe('the seam');
      expect(await bytesOf(await again(image, ({ attachments }) => attachments.length === 1))).toEqual(PNG);
      expect(await bytesOf(await again(document, ({ attachments }) => attachments[0]?.name === 'receipt.pdf'))).toEqual(
        PDF,
      );
      expect(place?.message.text).toMatch(/59\.91, 10\.75.*Harbour/);
      expect([button?.message.text, choice?.message.text]).toEqual(['Yes, please', 'Track my order']);
      await desk.says({ channel: 'whatsapp', kind: 'reaction', from, mid: first.said.id, emoji: '🙏' });
      await again(first, ({ reactions }) => reactions[0]?.value === '🙏');
      await desk.says({ channel: 'whatsapp', kind: 'reaction', from, mid: first.said.id, emoji: '' });
      await again(first, ({ reactions }) => reactions.length === 0);
    }, 60_000);

    it('fetches a file by its id when the address has ended, and says on the message when it is gone', async () => {
      const from = { id: newWhatsappNumber(), name: 'Siv Lie' };
      const file = { base64: base64(PDF), mime: 'application/pdf', filename: 'order.pdf' };
      desk.meta.faults.add({ where: 'media', kind: 'status', status: 404, times: 1, match: '/whatsapp_business/' });
      const kept = await desk.opened({ channel: 'whatsapp', kind: 'document', from, file });
      expect(await bytesOf(await again(kept, ({ attachments }) => attachments.length === 1))).toEqual(PDF);
      await desk.meta.configure({ media_url_ttl_ms: -1_000 });
      try {
        const lost = await desk.opened({
          channel: 'whatsapp',
          kind: 'document',
          from,
          file: { ...file, base64: base64(PNG) },
        });
        const told = await news(lost, 'attachments_added');
        expect(told.text).toMatch(/order\.pdf.*could not be fetched.*gone/);
        expect(told.flags).toContain('attachment_missing');
      } finally {
        await desk.meta.configure({ media_url_ttl_ms: 300_000 });
      }
    }, 60_000);
  });
}
