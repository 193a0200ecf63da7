import { createHash } from 'node:crypto';
import MailComposer from 'nodemailer/lib/mail-composer';
import { normaliseAddress, type MailAddress } from '../text/addresses.js';
import { cleanLine } from '../text/cleaning.js';

export interface OutgoingAttachment {
  readonly name: string;
  readonly contentType: string;
  readonly content: Buffer;
  /** Without angle brackets; makes it an inline part the HTML may refer to by `cid:`. */
  readonly contentId?: string;
}

export interface OutgoingMail {
  /** From `makeOwnMessageId`: the same outbound message has the same one however often it is sent. */
  readonly messageId: string;
  /** Given, not read from a clock: the same command composes the same bytes. */
  readonly date: Date;
  readonly from: MailAddress;
  readonly to: readonly MailAddress[];
  readonly cc?: readonly MailAddress[];
  /** From `makeReplyAddress`. */
  readonly replyTo?: string;
  readonly subject: string;
  readonly text: string;
  readonly html?: string;
  readonly attachments?: readonly OutgoingAttachment[];
  readonly inReplyTo?: string;
  /** From `buildReferences`. */
  readonly references?: readonly string[];
  /** Set for mail that no person wrote: adds the headers of RFC 3834 §3 and the null envelope sender unless one is given. */
  readonly automatic?: { readonly kind: 'auto-replied' | 'auto-generated'; readonly loopId: string };
  /** MAIL FROM; empty for the null sender. Default: the From address, for automatic mail the null sender. */
  readonly envelopeFrom?: string;
}

export interface ComposedMail {
  readonly raw: Buffer;
  readonly envelope: { readonly from: string; readonly to: readonly string[] };
  readonly messageId: string;
}

/** Builds the bytes of an outgoing mail. Throws a RangeError that names the field when a value could not be sent safely. */
export async function composeMail(mail: OutgoingMail): Promise<ComposedMail> {
  check(mail);
  const composer = new MailComposer({
    messageId: mail.messageId,
    date: mail.date,
    from: mailbox(mail.from),
    to: mail.to.map(mailbox),
    cc: (mail.cc ?? []).map(mailbox),
    subject: mail.subject,
    text: mail.text,
    headers: automaticHeaders(mail),
    attachments: (mail.attachments ?? []).map(({ name, contentType, content, contentId }) => ({
      filename: name,
      contentType,
      content,
      ...(contentId === undefined
        ? { contentDisposition: 'attachment' as const }
        : { cid: contentId, contentDisposition: 'inline' as const }),
    })),
    newline: '\r\n',
    disableFileAccess: true,
    disableUrlAccess: true,
    baseBoundary: createHash('sha256').update(mail.messageId).digest('hex').slice(0, 32),
    ...(mail.replyTo === undefined ? {} : { replyTo: mail.replyTo }),
    ...(mail.html === undefined ? {} : { html: mail.html }),
    ...(mail.inReplyTo === undefined ? {} : { inReplyTo: mail.inReplyTo }),
    ...(mail.references === undefined || mail.references.length === 0 ? {} : { references: [...mail.references] }),
  } as ConstructorParameters<typeof MailComposer>[0]);
  const raw = await new Promise<Buffer>((resolve, reject) => {
    composer.compile().build((error, message) => (error === null ? resolve(message) : reject(error)));
  });
  return { raw, envelope: envelopeOf(mail), messageId: mail.messageId };
}

function envelopeOf(mail: OutgoingMail): ComposedMail['envelope'] {
  const from = mail.envelopeFrom ?? (mail.automatic === undefined ? mail.from.address : '');
  return { from, to: [...new Set([...mail.to, ...(mail.cc ?? [])].map(({ address }) => address))] };
}

/** RFC 3834 §3; the suppress header is Microsoft's, Precedence is for responders older than either. */
function automaticHeaders(mail: OutgoingMail): Record<string, string> {
  if (mail.automatic === undefined) return {};
  const { kind, loopId } = mail.automatic;
  return { 'Auto-Submitted': kind, 'X-Auto-Response-Suppress': 'All', 'X-Loop': loopId, Precedence: 'bulk' };
}

function mailbox({ address, name }: MailAddress): { address: string; name: string } {
  return { address, name: name ?? '' };
}

function check(mail: OutgoingMail): void {
  if (mail.to.length === 0) throw new RangeError('an outgoing mail needs at least one recipient in `to`');
  if (Number.isNaN(mail.date.getTime())) throw new RangeError('`date` is not a valid date');
  for (const [field, box] of [
    ['from', mail.from] as const,
    ...[...mail.to, ...(mail.cc ?? [])].map((entry) => ['to', entry] as const),
  ]) {
    checkAddress(field, box.address);
    checkLine(`${field} name`, box.name ?? '');
  }
  if (mail.replyTo !== undefined) checkAddress('replyTo', mail.replyTo);
  if (mail.envelopeFrom !== undefined && mail.envelopeFrom !== '') checkAddress('envelopeFrom', mail.envelopeFrom);
  checkLine('subject', mail.subject);
  for (const id of [
    mail.messageId,
    ...(mail.inReplyTo === undefined ? [] : [mail.inReplyTo]),
    ...(mail.references ?? []),
  ])
    checkMessageId(id);
  if (mail.automatic !== undefined) checkLine('loopId', mail.automatic.loopId);
  for (const { name, contentType, contentId } of mail.attachments ?? []) {
    checkLine('attachment name', name);
    if (!/^[\w.+-]+\/[\w.+-]+$/u.test(contentType))
      throw new RangeError(`not a content type: ${JSON.stringify(contentType)}`);
    if (contentId !== undefined && !/^[^\s<>\p{Cc}]{1,250}$/u.test(contentId))
      throw new RangeError(`not a Content-ID: ${JSON.stringify(contentId)}`);
  }
}

/** A line break in a header value would begin a header, or the body, of the sender's choice. */
function checkLine(field: string, value: string): void {
  if (/[\p{Cc}\u2028\u2029]/u.test(value)) {
    throw new RangeError(`\`${field}\` has a line break or control character: ${JSON.stringify(cleanLine(value, 80))}`);
  }
}

function checkAddress(field: string, address: string): void {
  if (normaliseAddress(address) === undefined)
    throw new RangeError(`\`${field}\` is not an address: ${JSON.stringify(address.slice(0, 100))}`);
}

function checkMessageId(id: string): void {
  if (!/^<[^\s<>\p{Cc}]{1,900}>$/u.test(id))
    throw new RangeError(`not a Message-ID: ${JSON.stringify(id.slice(0, 100))}`);
}
