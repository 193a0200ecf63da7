import { readdir, readFile } from 'node:fs/promises';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sampleReply, type Delivery } from '@fanin/connector-kit';
import { uuidv7 } from '@fanin/kernel';
import { createMailParser } from '../mail-parser.js';
import { findReplyToken } from '../threading/reply-address.js';
import { MailAccountConfig } from './mail-account.js';
import { createMailSender } from './mail-sender.js';
import { createNormaliseMail } from './normalise-mail.js';
import { packId, unpackId } from './packed-id.js';

const secrets = ['a-signing-secret-of-the-test'] as const;
const parser = createMailParser({ workers: 0 });
const account = Object.assign(new MailAccountConfig(), {
  addresses: ['support@shop.example'],
  from_name: 'Example Shop',
});
const normalise = createNormaliseMail({ parser, account, secrets: [...secrets] });

function delivery(
  raw: string,
  meta: Record<string, string> = { mail_from: 'ada@customer.example', rcpt_to: 'support@shop.example' },
): Delivery {
  return {
    deliveryId: 'd',
    tenant: 'demo',
    accountId: 'mail',
    receivedAt: '2026-11-21T08:00:00.000Z',
    contentType: 'message/rfc822',
    meta,
    body: Buffer.from(raw.replaceAll('\n', '\r\n')),
  };
}

const mail = (body: string, extra = ''): string =>
  `${extra}From: ada@customer.example\nTo: support@shop.example\nSubject: Hello\nMessage-ID: <same@customer.example>\n\n${body}\n`;

async function draftOf(given: Delivery): Promise<Awaited<ReturnType<typeof normalise>>['messages'][number]> {
  const [draft] = (await normalise(given)).messages;
  if (draft === undefined) throw new Error('a mail is a message');
  return draft;
}

describe('packed ids', () => {
  it('come back as they were, in 26 characters', () => {
    for (const id of [
      uuidv7(1),
      uuidv7(Date.now()),
      '00000000-0000-0000-0000-000000000000',
      'ffffffff-ffff-ffff-ffff-ffffffffffff',
    ]) {
      expect(packId(id)).toMatch(/^[a-z2-7]{26}$/);
      expect(unpackId(packId(id))).toBe(id);
    }
    expect(unpackId(packId('ticket-7'))).toBe('ticket-7');
  });
});

describe('a mail as a message', () => {
  it('tells two mails of one Message-ID apart, and knows a copy that took another road', async () => {
    const first = await draftOf(delivery(mail('One')));
    const copy = await draftOf(delivery(mail('One', 'Received: from a by b; Sat, 21 Nov 2026 08:00:00 +0000\n')));
    const other = await draftOf(delivery(mail('Two')));
    const again = await draftOf(delivery(mail('One', 'Date: Sat, 21 Nov 2026 08:00:07 +0000\n')));
    expect(again.provider_message_variant).toBe(first.provider_message_variant);
    expect(copy.provider_message_variant).toBe(first.provider_message_variant);
    expect(other.provider_message_variant).not.toBe(first.provider_message_variant);
    expect(other.provider_message_id).toBe('<same@customer.example>');
  });

  it('takes list mail for a person’s where the account is fed by a list', async () => {
    const list = delivery(mail('From a group', 'List-Id: <support.shop.example>\n'));
    expect((await draftOf(list)).automatic?.rule).toBe('list_mail');
    const open = createNormaliseMail({
      parser,
      account: Object.assign(new MailAccountConfig(), { ...account, accept_list_mail: true }),
      secrets: [...secrets],
    });
    expect((await open(list)).messages[0]?.automatic).toBeNull();
  });

  it('marks a sender whose DMARC our own server found wanting, and believes no other server', async () => {
    const trusting = createNormaliseMail({
      parser,
      account: Object.assign(new MailAccountConfig(), { ...account, authserv_ids: ['mx.shop.example'] }),
      secrets: [...secrets],
    });
    const failed = await trusting(
      delivery(mail('x', 'Authentication-Results: mx.shop.example; dmarc=fail header.from=customer.example\n')),
    );
    expect(failed.messages[0]).toMatchObject({ sender_verified: false, flags: expect.arrayContaining(['dmarc_fail']) });
    const forged = await trusting(
      delivery(mail('x', 'Authentication-Results: mx.evil.example; dmarc=pass header.from=customer.example\n')),
    );
    expect(forged.messages[0]?.sender_verified).toBe(false);
    expect(forged.messages[0]?.flags).not.toContain('dmarc_fail');
  });
});

describe('a reply as a mail', () => {
  const folder = mkdtempSync(join(tmpdir(), 'fanin-outbox-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const reply = sampleReply({
    tenant: 'demo',
    account_id: 'mail',
    to: [{ kind: 'email', id: 'ada@customer.example', name: 'Ada\r\nBcc: eve@evil.example' }],
  });
  const noAttachments = { signal: new AbortController().signal, attachment: () => Promise.reject(new Error('none')) };

  it('is written once under its id, threads, and comes back to its ticket', async () => {
    const sender = createMailSender({ account, secrets: [...secrets], outboxFolder: folder });
    const first = await sender.send(reply, noAttachments);
    expect(await sender.send(reply, noAttachments)).toEqual(first);
    expect(await readdir(folder)).toEqual([`${reply.outbound_id}.eml`]);
    const raw = await readFile(join(folder, `${reply.outbound_id}.eml`));
    const parsed = await parser.parse(raw);
    expect(parsed).toMatchObject({
      subject: 'Re: Where is my order?',
      inReplyTo: '<q@customer.example>',
      references: ['<q@customer.example>'],
    });
    expect(parsed.from).toEqual([{ address: 'support@shop.example', name: 'Ann (Example Shop)' }]);
    expect(raw.toString('latin1')).not.toMatch(/^Bcc:/m);
    const token = findReplyToken(
      parsed.replyTo.map(({ address }) => address),
      [...secrets],
    );
    expect(unpackId(token?.id ?? '')).toBe(reply.ticket_id);
    const local = parsed.replyTo[0]?.address.split('@')[0] ?? '';
    expect(local.length).toBeLessThanOrEqual(64); // RFC 5321 §4.5.3.1.1
    // The same mail handed back to us is our own loop, never a customer's message.
    expect((await draftOf({ ...delivery(''), body: raw })).automatic?.rule).toBe('own_loop');
  });

  it('is answered at the address the customer asked for', async () => {
    const sender = createMailSender({ account, secrets: [...secrets], outboxFolder: folder });
    await sender.send(
      { ...reply, outbound_id: uuidv7(2), provider_fields: { reply_to: 'ada@home.example' } },
      noAttachments,
    );
    const raw = await readFile(
      join(folder, (await readdir(folder)).find((name) => name !== `${reply.outbound_id}.eml`) ?? ''),
    );
    expect((await parser.parse(raw)).to).toMatchObject([{ address: 'ada@home.example' }]);
  });

  it('is refused clearly without a relay, and without a recipient', async () => {
    const nowhere = createMailSender({ account, secrets: [...secrets], outboxFolder: undefined });
    await expect(nowhere.send(reply, noAttachments)).rejects.toMatchObject({ code: 'CONFIG' });
    await expect(
      nowhere.send({ ...reply, to: [{ kind: 'visitor', id: 'v', name: null }] }, noAttachments),
    ).rejects.toMatchObject({ code: 'BAD_PAYLOAD' });
  });
});
