import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { OutboundMessageV1 } from '@fanin/contracts';
import { SendUncertain, type Deliver } from '@fanin/connector-kit';
import { FaninError } from '@fanin/kernel';
import { createTransport, type Transporter } from 'nodemailer';
import { composeMail, type ComposedMail } from '../compose/compose-mail.js';
import { buildReferences, replySubject } from '../compose/references.js';
import { cleanLine } from '../text/cleaning.js';
import { domainOf, normaliseAddress } from '../text/addresses.js';
import { makeOwnMessageId } from '../threading/own-message-id.js';
import { makeReplyAddress } from '../threading/reply-address.js';
import type { SigningSecrets } from '../threading/signature.js';
import type { MailAccountConfig, RelayConfig } from './mail-account.js';
import { loopIdOf } from './normalise-mail.js';
import { packId } from './packed-id.js';
import { smtpErrorOf } from './smtp-errors.js';

export interface MailSenderOptions {
  readonly account: MailAccountConfig;
  readonly secrets: SigningSecrets;
  /** Where mail is written when no relay is configured; undefined where that would lose it. */
  readonly outboxFolder: string | undefined;
}

export interface MailSender extends Deliver {
  /** Logs in at the relay without sending; at once when there is none. */
  check(): Promise<void>;
  close(): Promise<void>;
}

/** Sends replies through the account's relay, or into a folder of .eml files. The same outbound id gives the same bytes. */
export function createMailSender(options: MailSenderOptions): MailSender {
  const { account, outboxFolder } = options;
  const transport = account.relay === undefined ? undefined : transportOf(account.relay);
  const handedOver = transport === undefined ? undefined : watchHandOver(transport);
  return {
    async send(message, context) {
      const mail = await compose(message, options, context.attachment);
      if (transport !== undefined) await submit(transport, mail, handedOver);
      else if (outboxFolder !== undefined) await writeMail(outboxFolder, message.outbound_id, mail.raw);
      else
        throw new FaninError(
          'CONFIG',
          'This account has no `relay`, so it cannot send. Add relay.host to its configuration.',
        );
      return { status: 'sent', providerMessageId: mail.messageId };
    },
    async check() {
      try {
        await transport?.verify();
      } catch (error) {
        throw smtpErrorOf(error);
      }
    },
    close: () => Promise.resolve(transport?.close()),
  };
}

function transportOf(relay: RelayConfig): Transporter {
  return createTransport({
    host: relay.host,
    port: relay.port,
    secure: relay.encryption === 'tls',
    requireTLS: relay.encryption === 'starttls',
    ignoreTLS: relay.encryption === 'none',
    pool: true,
    maxConnections: 2,
    connectionTimeout: 10_000,
    greetingTimeout: 10_000,
    socketTimeout: 30_000,
    ...(relay.user === undefined ? {} : { auth: { user: relay.user, pass: relay.password ?? '' } }),
  });
}

async function compose(
  message: OutboundMessageV1,
  { account, secrets }: MailSenderOptions,
  attachment: (key: string) => Promise<Buffer>,
): Promise<ComposedMail> {
  const from = account.addresses[0] ?? '';
  const recipients = recipientsOf(message);
  const attachments = await Promise.all(
    message.attachments.map(async ({ key, name, content_type }) => ({
      name: cleanLine(name, 255),
      contentType: mediaType(content_type),
      content: await attachment(key),
    })),
  );
  try {
    return await composeMail({
      messageId: makeOwnMessageId(packId(message.outbound_id), domainOf(from), secrets),
      date: new Date(message.created_at),
      from: { address: from, name: senderName(message, account) },
      to: recipients,
      replyTo: makeReplyAddress(from, packId(message.ticket_id), secrets),
      subject: cleanLine(replySubject(message.subject ?? `Your request ${message.ticket_number}`), 998),
      text: message.text,
      attachments,
      references: buildReferences(onlyIds(message.references), onlyIds([message.in_reply_to ?? ''])[0]),
      // Bounces name the message by the address they come to (VERP); automatic mail has the null sender (RFC 3834 §3.3).
      ...(message.kind === 'automatic'
        ? { automatic: { kind: 'auto-replied' as const, loopId: loopIdOf(account) } }
        : { envelopeFrom: makeReplyAddress(from, packId(message.outbound_id), secrets) }),
      ...(onlyIds([message.in_reply_to ?? ''])[0] === undefined ? {} : { inReplyTo: message.in_reply_to ?? '' }),
    });
  } catch (error) {
    if (error instanceof RangeError)
      throw new FaninError('BAD_PAYLOAD', `The mail cannot be composed: ${error.message}`, { cause: error });
    throw error;
  }
}

/** The address that the customer asked to be answered at stands for the first recipient, as mail programs do it. */
function recipientsOf(message: OutboundMessageV1): { address: string; name: string }[] {
  const replyTo = normaliseAddress(message.provider_fields['reply_to'] ?? '');
  const found = message.to.flatMap((party, index) => {
    const address = index === 0 && replyTo !== undefined ? replyTo : normaliseAddress(party.id);
    return address === undefined || party.kind !== 'email' ? [] : [{ address, name: cleanLine(party.name ?? '', 200) }];
  });
  if (found.length === 0)
    throw new FaninError('BAD_PAYLOAD', 'None of the recipients of this reply has an e-mail address.');
  return found;
}

function senderName(message: OutboundMessageV1, account: MailAccountConfig): string {
  const [agent, shop] = [cleanLine(message.author_name ?? '', 100), cleanLine(account.from_name ?? '', 100)];
  return agent !== '' && shop !== '' ? `${agent} (${shop})` : agent || shop;
}

function onlyIds(ids: readonly string[]): string[] {
  return ids.filter((id) => /^<[^\s<>\p{Cc}]{1,900}>$/u.test(id) && !id.endsWith('@synthesised.invalid>'));
}

function mediaType(declared: string): string {
  return /^[\w.+-]+\/[\w.+-]+$/u.test(declared) ? declared : 'application/octet-stream';
}

async function submit(
  transport: Transporter,
  mail: ComposedMail,
  handedOver: WeakSet<Buffer> = new WeakSet(),
): Promise<void> {
  try {
    await transport.sendMail({ envelope: { from: mail.envelope.from, to: [...mail.envelope.to] }, raw: mail.raw });
  } catch (error) {
    const { responseCode } = error as { responseCode?: number };
    // The body was handed over and no answer came: the relay may have taken it (RFC 5321 §6.1).
    if (responseCode === undefined && handedOver.has(mail.raw))
      throw new SendUncertain('the relay closed the connection before it confirmed the mail');
    throw smtpErrorOf(error);
  }
}

/**
 * Mails whose last byte the connection has taken. nodemailer names the command DATA only for answers; a line that breaks
 * after the body looks like one that was never open (ECONNECTION, CONN), and sending again would be sending twice.
 */
function watchHandOver(transport: Transporter): WeakSet<Buffer> {
  const handedOver = new WeakSet<Buffer>();
  transport.use('stream', (mail, done) => {
    const { raw } = mail.data;
    const message = mail.message;
    const open = message.createReadStream.bind(message);
    message.createReadStream = (options) => {
      const stream = open(options);
      if (Buffer.isBuffer(raw)) stream.once('end', () => handedOver.add(raw));
      return stream;
    };
    done();
  });
  return handedOver;
}

/** Written under another name first, so that a reader of the folder never sees half a mail. */
async function writeMail(folder: string, id: string, raw: Buffer): Promise<void> {
  await mkdir(folder, { recursive: true });
  const path = join(folder, `${id}.eml`);
  await writeFile(`${path}.part`, raw);
  await rename(`${path}.part`, path);
}
