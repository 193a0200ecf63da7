import type { AutomaticMark, DeliveryReport, Party, Recipient } from '@fanin/contracts';
import type { Delivery, MessageDraft, NewAttachment, Normalise, Normalised } from '@fanin/connector-kit';
import { FaninError, opaqueKey } from '@fanin/kernel';
import { readAuthentication } from '../authentication/authentication-results.js';
import { classifyMail, type MailEnvelope } from '../automatic/classify.js';
import type { AutomaticMail } from '../automatic/rules.js';
import type { MailParser } from '../mail-parser.js';
import type { ParsedMail } from '../parsed-mail.js';
import { domainOf, type MailAddress } from '../text/addresses.js';
import { readThreadingHints } from '../threading/hints.js';
import { readOwnMessageId } from '../threading/own-message-id.js';
import type { SigningSecrets } from '../threading/signature.js';
import { MailParserUnavailable } from '../worker/worker-pool.js';
import type { MailAccountConfig } from './mail-account.js';
import { unpackId } from './packed-id.js';

/** `meta` of a mail's raw delivery, written by both channels at capture. */
export interface MailMeta {
  /** MAIL FROM; empty for the null sender, absent when unknown (IMAP). */
  readonly mail_from?: string;
  /** RCPT TO, separated by spaces. */
  readonly rcpt_to?: string;
  /** INTERNALDATE of the mailbox, ISO 8601: when the mail really came, however late we read it. */
  readonly internal_date?: string;
}

export interface NormaliseMailOptions {
  readonly parser: MailParser;
  readonly account: MailAccountConfig;
  readonly secrets: SigningSecrets;
}

const NO_SENDER = 'unknown@sender.invalid';

/** The same value of X-Loop for all mail of an account. */
export function loopIdOf(account: MailAccountConfig): string {
  return account.addresses[0] ?? '';
}

/** Makes the one message that a mail is. A mail that no parser can read still becomes one, with a notice as its text. */
export function createNormaliseMail(options: NormaliseMailOptions): Normalise {
  return async (delivery) => {
    const mail = await parse(options.parser, delivery);
    return normaliseParsed(mail, delivery, options);
  };
}

/** A parser that is closing or cannot start a thread says nothing about the mail: it comes again. */
async function parse(parser: MailParser, delivery: Delivery): Promise<ParsedMail> {
  try {
    return await parser.parse(delivery.body, { receivedAt: new Date(delivery.receivedAt) });
  } catch (error) {
    if (error instanceof MailParserUnavailable) throw new FaninError('TRANSIENT', error.message, { cause: error });
    throw error;
  }
}

function normaliseParsed(mail: ParsedMail, delivery: Delivery, { account, secrets }: NormaliseMailOptions): Normalised {
  const meta = delivery.meta as MailMeta;
  const envelope = envelopeOf(meta);
  const automatic = automaticOf(mail, envelope, account, secrets);
  const hints = readThreadingHints(mail, { secrets, envelopeRecipients: [...(envelope.recipients ?? [])] });
  const authentication = readAuthentication(mail, account.authserv_ids);
  const sender = mail.from[0] ?? mail.sender ?? addressOf(meta.mail_from);
  const message: MessageDraft = {
    provider_message_id: mail.messageId,
    // Some programs send every mail under one Message-ID, and anyone can repeat an id he has seen.
    provider_message_variant: variantOf(mail),
    conversation_key: hints.conversationKey,
    sender: partyOf(sender ?? { address: NO_SENDER }),
    sender_verified: authentication.dmarc === 'pass',
    recipients: recipientsOf(mail, envelope),
    subject: mail.subject === '' ? null : mail.subject,
    text: textOf(mail),
    html: mail.content.html ?? null,
    quoted_text: mail.content.quotedText === '' ? null : mail.content.quotedText,
    attachments: mail.attachments.map(attachmentOf),
    provider_time: meta.internal_date ?? mail.date?.toISOString() ?? null,
    threading: {
      reply_token: hints.replyToken === undefined ? null : unpackId(hints.replyToken.id),
      references: hints.candidates.slice(0, 100),
      subject_base: hints.baseSubject === '' ? null : hints.baseSubject,
    },
    automatic: markOf(automatic),
    delivery_report: reportOf(automatic, secrets),
    flags: [
      ...mail.flags,
      ...(authentication.dmarc === 'fail' ? ['dmarc_fail'] : []),
      ...(sender === undefined ? ['sender_missing'] : []),
    ],
    provider_fields: providerFields(mail, sender),
  };
  return { messages: [message] };
}

/**
 * What the author wrote: sender, subject, text and attachments. Neither the Date nor the boundaries of the parts, which programs
 * make anew when they send the same mail again. Of a mail that cannot be read, its bytes but for the trace headers.
 */
function variantOf(mail: ParsedMail): string {
  if (mail.unparsed !== undefined) return mail.contentHash.slice(0, 32);
  const { from, subject, text, html, attachments } = mail;
  return opaqueKey(from[0]?.address ?? '', subject, text, html ?? '', ...attachments.map(({ sha256 }) => sha256));
}

function envelopeOf(meta: MailMeta): MailEnvelope {
  return {
    ...(meta.mail_from === undefined ? {} : { sender: meta.mail_from }),
    ...(meta.rcpt_to === undefined ? {} : { recipients: meta.rcpt_to.split(' ').filter((address) => address !== '') }),
  };
}

function automaticOf(
  mail: ParsedMail,
  envelope: MailEnvelope,
  account: MailAccountConfig,
  secrets: SigningSecrets,
): AutomaticMail | null {
  const found = classifyMail(mail, envelope, {
    ownAddresses: account.addresses,
    ownLoopIds: [loopIdOf(account)],
    secrets,
  });
  return found?.rule === 'list_mail' && account.accept_list_mail ? null : found;
}

function markOf(automatic: AutomaticMail | null): AutomaticMark | null {
  return automatic === null ? null : { rule: automatic.rule, evidence: automatic.evidence };
}

/** RFC 3464: what became of a mail of ours. The worst recipient speaks for the mail. */
function reportOf(automatic: AutomaticMail | null, secrets: SigningSecrets): DeliveryReport | null {
  const bounce = automatic?.bounce;
  if (bounce === undefined) return null;
  const worst = bounce.recipients.find(({ permanence }) => permanence === 'permanent') ?? bounce.recipients[0];
  const own = bounce.originalMessageId === undefined ? undefined : readOwnMessageId(bounce.originalMessageId, secrets);
  const outbound = bounce.verpId ?? own?.id;
  const action = worst?.action?.toLowerCase();
  return {
    provider_message_id: bounce.originalMessageId ?? null,
    outbound_id: outbound === undefined ? null : unpackId(outbound),
    action:
      action !== undefined && ['failed', 'delayed', 'delivered', 'relayed', 'expanded'].includes(action)
        ? action
        : bounce.informational
          ? 'delayed'
          : 'failed',
    status: worst?.status?.slice(0, 32) ?? null,
    diagnostic: worst?.diagnostic === undefined ? null : withoutAddresses(worst.diagnostic).slice(0, 500),
  };
}

function withoutAddresses(text: string): string {
  return text.replace(/[^\s<>"'(),;:]+@[^\s<>"'(),;:]+/gu, '[address]');
}

function textOf(mail: ParsedMail): string {
  if (mail.unparsed === undefined) return mail.content.text;
  return `This mail could not be read automatically (${mail.unparsed.reason}). Open the original to see it.`;
}

function partyOf({ address, name }: MailAddress): Party {
  return { kind: 'email', id: address.toLowerCase().slice(0, 320), name: name?.slice(0, 255) ?? null };
}

function addressOf(address: string | undefined): MailAddress | undefined {
  return address === undefined || domainOf(address) === '' ? undefined : { address };
}

function recipientsOf(mail: ParsedMail, envelope: MailEnvelope): Recipient[] {
  const seen = new Set<string>();
  const roles = [
    ...mail.to.map((entry) => ({ entry, role: 'to' as const })),
    ...mail.cc.map((entry) => ({ entry, role: 'cc' as const })),
    ...(envelope.recipients ?? []).map((address) => ({ entry: { address }, role: 'envelope' as const })),
  ];
  return roles
    .map(({ entry, role }) => ({ ...partyOf(entry), role }))
    .filter(({ id }) => !seen.has(id) && seen.add(id) !== undefined)
    .slice(0, 500);
}

function attachmentOf(attachment: ParsedMail['attachments'][number]): NewAttachment {
  return {
    name: attachment.name,
    content_type: attachment.contentType.slice(0, 255),
    inline: attachment.inline,
    content: attachment.content,
    ...(attachment.contentId === undefined ? {} : { content_id: attachment.contentId.slice(0, 255) }),
  };
}

/** What a reply needs back: where answers go, the ids of the thread, its subject. */
function providerFields(mail: ParsedMail, sender: MailAddress | undefined): Record<string, string> {
  const answerTo = mail.replyTo[0];
  return {
    message_id: mail.messageId,
    ...(answerTo === undefined || answerTo.address === sender?.address ? {} : { reply_to: answerTo.address }),
  };
}
