import { createHash } from 'node:crypto';
import {
  ADA,
  capturedOf,
  deliveriesOf,
  fateOf,
  handIn,
  IMAP_ADDRESS,
  IMAP_USER,
  MAIL,
  mailOf,
  newMessageId,
  type FateReport,
  type SystemUnderTest,
} from '@fanin/trials';

const MALLORY = 'mallory@stranger.example';

/** Mail in by both doors, and which ticket it comes to. */
export function describeMail(system: () => SystemUnderTest): void {
  const send = async (raw: Buffer, envelope: { from?: string; to?: string } = {}): Promise<void> => {
    const { from = ADA, to = MAIL.a } = envelope;
    expect(await handIn(system().smtpPort, raw, { from, to })).toBe(250);
  };

  describe('mail in', () => {
    it('becomes a ticket that says what the mail said', async () => {
      const { api } = system();
      const messageId = newMessageId();
      const raw = mailOf({ to: MAIL.a, subject: 'Fields', text: 'Where is order 1007?\n\nAda', messageId });
      await send(raw);
      const ticket = await api.a.ticketWith('Fields');
      expect(ticket).toMatchObject({
        status: 'new',
        priority: 'normal',
        channel: 'email',
        account_id: 'a-mail',
        tags: [],
        team_id: null,
        assignee_id: null,
        customer: { name: 'Ada Example' },
        first_replied_at: null,
        solved_at: null,
        closed_at: null,
      });
      const [message, ...others] = await api.a.messages(ticket.id);
      expect(others).toEqual([]);
      expect(message).toMatchObject({
        direction: 'inbound',
        kind: 'public',
        from: { kind: 'email', id: ADA, name: 'Ada Example' },
        to: [{ id: MAIL.a, role: 'to' }],
        subject: 'Fields',
        text: expect.stringContaining('Where is order 1007?') as string,
        provider_message_id: messageId,
        threading: { rule: 'new' },
        delivery: null,
      });
      const kept = await api.a.bytes(`/messages/${message?.id ?? ''}/raw`);
      expect(kept.equals(raw)).toBe(true);
      const [delivery] = await deliveriesOf(api.a, raw, 1);
      expect(delivery).toMatchObject({ account_id: 'a-mail', channel: 'email', size: raw.length });
      expect(delivery?.parts).toMatchObject([{ fate: 'accepted', message_id: message?.id, ticket_id: ticket.id }]);
      expect(await api.a.get(`/deliveries/${delivery?.id ?? ''}`)).toEqual(delivery);
      expect((await api.a.bytes(`/deliveries/${delivery?.id ?? ''}/raw`)).equals(raw)).toBe(true);
      expect(await api.b.ticketsWith('Fields')).toEqual([]);
    });

    it('is taken from a mailbox on a real Dovecot, its bytes unchanged, and left unread', async () => {
      const { api, dovecot } = system();
      if (dovecot === undefined) return void process.stderr.write('skipped: no Dovecot on this machine\n');
      const raw = mailOf({ to: IMAP_ADDRESS, subject: 'From the mailbox', text: 'IMAP brings me.' });
      await dovecot.deliver(IMAP_USER, raw);
      const ticket = await api.a.ticketWith('From the mailbox', 40_000);
      expect(ticket.account_id).toBe('a-imap');
      const [message] = await api.a.messages(ticket.id);
      const kept = await api.a.bytes(`/messages/${message?.id ?? ''}/raw`);
      expect(createHash('sha256').update(kept).digest('hex')).toBe(createHash('sha256').update(raw).digest('hex'));
      const flags = [...(await dovecot.flags(IMAP_USER)).values()].flat();
      expect(flags).not.toContain('\\Seen');
    }, 60_000);

    it('joins its ticket by In-Reply-To of our mail, and by the signed address when all references are cut', async () => {
      const { api, relay } = system();
      await send(mailOf({ to: MAIL.a, subject: 'Thread', text: 'first' }));
      const ticket = await api.a.ticketWith('Thread');
      await api.a.reply(ticket.id, { text: 'our answer in the thread' });
      const ours = await relay.mailWith('our answer in the thread');
      await send(
        mailOf({
          to: MAIL.a,
          subject: 'Re: Thread',
          text: 'by reference',
          headers: [`In-Reply-To: ${ours.mail.messageId ?? ''}`],
        }),
      );
      const second = await api.a.message(ticket.id, ({ text }) => text.includes('by reference'));
      expect(second.threading.rule).toBe('references');
      const signed = ours.mail.replyTo?.value[0]?.address ?? '';
      expect(signed).toContain('+t.');
      await send(mailOf({ to: signed, subject: 'quite another subject', text: 'by the address' }), { to: signed });
      const third = await api.a.message(ticket.id, ({ text }) => text.includes('by the address'));
      expect(third.threading.rule).toBe('reply_token');
      expect(await api.a.ticketsWith('quite another subject')).toEqual([]);
    });

    it('lets no stranger in who quotes the number, a Message-ID of the thread, or a forged address', async () => {
      const { api } = system();
      const messageId = newMessageId();
      await send(mailOf({ to: MAIL.a, subject: 'Private', text: 'my address is …', messageId }));
      const ticket = await api.a.ticketWith('Private');
      const attempts = [
        { subject: `Re: Private [#${ticket.number}]`, headers: [] },
        { subject: 'guessed id', headers: [`In-Reply-To: ${messageId}`, `References: ${messageId}`] },
        {
          subject: 'guessed own id',
          headers: [`In-Reply-To: <fanin.${ticket.id.replaceAll('-', '')}.aaaaaaaaaaaaaaaaaaaa@a.test>`],
        },
      ];
      for (const { subject, headers } of attempts)
        await send(mailOf({ from: MALLORY, to: MAIL.a, subject, text: 'let me in', headers }), { from: MALLORY });
      const forged = `support+t.${ticket.id.replaceAll('-', '')}.aaaaaaaaaaaaaaaaaaaa@a.test`;
      await send(mailOf({ from: MALLORY, to: forged, subject: 'forged address', text: 'let me in' }), {
        from: MALLORY,
        to: forged,
      });
      for (const subject of [...attempts.map((attempt) => attempt.subject), 'forged address']) {
        const other = await api.a.ticketWith(subject);
        expect(other.id).not.toBe(ticket.id);
      }
      expect((await api.a.messages(ticket.id)).map(({ from }) => from.id)).toEqual([ADA]);
    });

    it('delivered twice is one message, and the second has the fate duplicate', async () => {
      const { api } = system();
      const raw = mailOf({ to: MAIL.a, subject: 'Twice', text: 'once is enough' });
      await send(raw);
      const ticket = await api.a.ticketWith('Twice');
      await send(raw);
      const [second] = await deliveriesOf(api.a, raw, 2);
      const all = await deliveriesOf(api.a, raw, 2);
      expect(all.map(fateOf).sort()).toEqual(['accepted', 'duplicate']);
      expect(second?.parts[0]?.ticket_id).toBe(ticket.id);
      expect(await api.a.messages(ticket.id)).toHaveLength(1);
      expect(await api.a.ticketsWith('Twice')).toHaveLength(1);
    });
  });

  describe("machines' mail", () => {
    it('opens no ticket, has a fate with the rule, and is an event on the ticket it belongs to', async () => {
      const { api, relay } = system();
      const lonely = mailOf({
        to: MAIL.a,
        subject: 'Out of office',
        text: 'I am away',
        headers: ['Auto-Submitted: auto-replied'],
      });
      await send(lonely);
      const [alone] = await deliveriesOf(api.a, lonely, 1);
      expect(alone?.parts).toMatchObject([{ fate: 'suppressed', rule: 'auto_reply', ticket_id: null }]);

      await send(mailOf({ to: MAIL.a, subject: 'Holiday', text: 'a question before it' }));
      const ticket = await api.a.ticketWith('Holiday');
      const reply = await api.a.reply(ticket.id, { text: 'our answer before the bounce' });
      const ours = await relay.mailWith('our answer before the bounce');
      const away = mailOf({
        to: MAIL.a,
        subject: 'Away: Re: Holiday',
        text: 'Back in May',
        headers: ['Auto-Submitted: auto-replied', `In-Reply-To: ${ours.mail.messageId ?? ''}`],
      });
      await send(away);
      const [answered] = await deliveriesOf(api.a, away, 1);
      expect(answered?.parts).toMatchObject([{ fate: 'suppressed', rule: 'auto_reply', ticket_id: ticket.id }]);
      const event = await api.a.message(ticket.id, ({ kind }) => kind === 'event');
      expect(event).toMatchObject({ direction: 'inbound', text: expect.stringContaining('Back in May') as string });

      const bounce = bounceOf(ours.mail.messageId ?? '');
      await send(bounce, { from: '', to: ours.envelopeFrom });
      const [bounced] = await deliveriesOf(api.a, bounce, 1);
      expect(bounced?.parts).toMatchObject([{ fate: 'suppressed', rule: 'bounce', ticket_id: ticket.id }]);
      const failed = await api.a.message(
        ticket.id,
        ({ id, delivery }) => id === reply.id && delivery?.status === 'failed',
      );
      expect(failed.delivery?.reason).toBeTruthy();
      expect(await api.a.ticketsWith('Out of office')).toEqual([]);
      expect(await api.a.ticketsWith('Away: Re: Holiday')).toEqual([]);
      expect(await api.a.ticketsWith('Delivery Status Notification')).toEqual([]);
      const { rules } = await api.a.get<FateReport>('/fates');
      expect(rules.filter(({ fate }) => fate === 'suppressed').map(({ rule }) => rule)).toEqual(
        expect.arrayContaining(['auto_reply', 'bounce']),
      );
    }, 60_000);
  });

  describe('odd mail', () => {
    it('with broken MIME still becomes a message whose bytes are kept', async () => {
      const { api } = system();
      const raw = Buffer.concat([
        Buffer.from(
          `From: ${ADA}\r\nTo: ${MAIL.a}\r\nSubject: Broken parts\r\nMessage-ID: ${newMessageId()}\r\nMIME-Version: 1.0\r\n` +
            'Content-Type: multipart/mixed; boundary="never\r\nContent-Transfer-Encoding: base64\r\n\r\n--nev\r\n\r\n%%% not base64',
        ),
        Buffer.from([0xff, 0xfe, 0x0d, 0x0a]),
      ]);
      await send(raw);
      const ticket = await api.a.ticketWith('Broken parts');
      const [message] = await api.a.messages(ticket.id);
      expect((await api.a.bytes(`/messages/${message?.id ?? ''}/raw`)).equals(raw)).toBe(true);
    });

    it('in charsets that mail really uses is read right', async () => {
      const { api } = system();
      const head = (subject: string, charset: string): Buffer =>
        Buffer.from(
          `From: ${ADA}\r\nTo: ${MAIL.a}\r\nSubject: ${subject}\r\nMessage-ID: ${newMessageId()}\r\nMIME-Version: 1.0\r\n` +
            `Content-Type: text/plain; charset=${charset}\r\nContent-Transfer-Encoding: 8bit\r\n\r\n`,
        );
      // iso-8859-1 by its label, windows-1252 by its bytes: what mail programs have done for thirty years.
      await send(
        Buffer.concat([
          head('Mislabelled', 'iso-8859-1'),
          Buffer.from([0x80, 0x20, 0x31, 0x32, 0x20, 0x93, 0x66, 0xfc, 0x72, 0x94, 0x0d, 0x0a]),
        ]),
      );
      await send(
        Buffer.concat([
          head('Japanese', 'shift_jis'),
          Buffer.from([0x82, 0xb1, 0x82, 0xf1, 0x82, 0xc9, 0x82, 0xbf, 0x82, 0xcd, 0x0d, 0x0a]),
        ]),
      );
      for (const [subject, text] of [
        ['Mislabelled', '€ 12 “für”'],
        ['Japanese', 'こんにちは'],
      ] as const) {
        const ticket = await api.a.ticketWith(subject);
        const [message] = await api.a.messages(ticket.id);
        expect(message?.text.trim()).toBe(text);
      }
    });

    it('that is too large, or for nobody, is refused with the right code, and the door stays open', async () => {
      const { api, smtpPort } = system();
      const lost = mailOf({ to: 'nobody@a.test', subject: 'For nobody' });
      expect(await handIn(smtpPort, lost, { to: 'nobody@a.test' })).toBe(550);
      const large = mailOf({ to: MAIL.a, subject: 'Too large', text: `${'x'.repeat(76)}\n`.repeat(400_000) });
      expect(large.length).toBeGreaterThan(30_000_000);
      expect(await handIn(smtpPort, large, { to: MAIL.a })).toBe(552);
      const next = mailOf({ to: MAIL.a, subject: 'After the large one' });
      await send(next);
      await api.a.ticketWith('After the large one');
      await deliveriesOf(api.a, next, 1);
      expect(await capturedOf(api.a, lost, large)).toEqual([]);
      expect(await api.a.ticketsWith('For nobody')).toEqual([]);
      expect(await api.a.ticketsWith('Too large')).toEqual([]);
    }, 60_000);
  });
}

/** RFC 3464, as a mail server writes it. */
function bounceOf(messageId: string): Buffer {
  const lines = [
    'From: MAILER-DAEMON@mx.customer.example',
    `To: ${MAIL.a}`,
    'Subject: Delivery Status Notification',
    `Message-ID: ${newMessageId()}`,
    'Auto-Submitted: auto-replied',
    'MIME-Version: 1.0',
    'Content-Type: multipart/report; report-type=delivery-status; boundary=b',
    '',
    '--b',
    'Content-Type: text/plain',
    '',
    'Your mail could not be delivered.',
    '--b',
    'Content-Type: message/delivery-status',
    '',
    'Reporting-MTA: dns; mx.customer.example',
    '',
    `Final-Recipient: rfc822; ${ADA}`,
    'Action: failed',
    'Status: 5.1.1',
    'Diagnostic-Code: smtp; 550 5.1.1 no such user',
    '',
    '--b',
    'Content-Type: text/rfc822-headers',
    '',
    `Message-ID: ${messageId}`,
    'Subject: Re: Holiday',
    '',
    '--b--',
    '',
  ];
  return Buffer.from(lines.join('\r\n'));
}
