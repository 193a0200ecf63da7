import type { ParsedMail } from '../parsed-mail.js';
import { sameAddress } from '../text/addresses.js';
import { cut } from '../text/cleaning.js';
import { headerValue, headerValues } from '../text/headers.js';
import { parseStructured } from '../text/header-params.js';
import { readOwnMessageId } from '../threading/own-message-id.js';
import { findReplyToken, withoutSubaddress } from '../threading/reply-address.js';
import type { SigningSecrets } from '../threading/signature.js';
import { readBounce, readFeedback, readProseBounce } from './bounce.js';
import type { AutomaticMail, BounceReport } from './rules.js';

export interface MailEnvelope {
  /** MAIL FROM; the empty string is the null sender; undefined when unknown (IMAP without Return-Path). */
  readonly sender?: string;
  readonly recipients?: readonly string[];
}

export interface ClassifyContext {
  /** Addresses of this tenant's own accounts. */
  readonly ownAddresses: readonly string[];
  /** Values of X-Loop that are ours (what `composeMail` was given as `loopId`). */
  readonly ownLoopIds: readonly string[];
  /** To recognise our own signed Message-IDs and reply addresses. */
  readonly secrets?: SigningSecrets;
}

const ROBOT_LOCAL =
  /^(?:mailer-?daemon|postmaster|bounces?|(?:no[-_.]?reply|do[-_.]?not[-_.]?reply|donotreply|nicht[-_.]?antworten|ne[-_.]?pas[-_.]?repondre|no[-_.]?responder|non[-_.]?rispondere)(?:[-_.+].*)?)$/iu;
const BOUNCER_LOCAL = /^(mailer-?daemon|postmaster)$/iu;
const LIST_HEADERS = [
  'list-id',
  'list-unsubscribe',
  'list-post',
  'list-help',
  'list-subscribe',
  'list-owner',
  'list-archive',
  'list-unsubscribe-post',
  'x-mailing-list',
  'mailing-list',
];
const BULK = ['bulk', 'junk', 'list'];
const AUTO_REPLY_HEADERS = ['x-autoreply', 'x-autorespond', 'x-autoreply-from', 'x-mail-autoreply', 'auto-reply'];

/**
 * Whether a mail was made by a machine, and which rule says so (RFC 3834 §2, RFC 3464, RFC 5965, RFC 2919); null for a
 * person's mail. The most telling rule wins: own loop, report, reply by a robot, list, null sender, robot's address.
 * X-Auto-Response-Suppress is no evidence: it asks others not to answer.
 */
export function classifyMail(mail: ParsedMail, envelope: MailEnvelope, context: ClassifyContext): AutomaticMail | null {
  return (
    reportOf(mail, envelope, context) ??
    ownLoop(mail, context) ??
    autoReply(mail) ??
    listMail(mail) ??
    nullSender(mail, envelope) ??
    robotSender(mail, context) ??
    null
  );
}

/** Reports come first: a bounce of our own mail carries our own marks in what it returns. */
function reportOf(mail: ParsedMail, envelope: MailEnvelope, context: ClassifyContext): AutomaticMail | undefined {
  const feedback = readFeedback(mail);
  if (feedback !== undefined)
    return { rule: 'feedback_report', evidence: `feedback-type: ${feedback.feedbackType}`, feedback };
  const bounce = readBounce(mail);
  if (bounce !== undefined)
    return {
      rule: 'bounce',
      evidence: 'content-type: message/delivery-status',
      bounce: withVerp(bounce, mail, envelope, context),
    };
  const type = contentType(mail);
  const reportType = type.params['report-type']?.toLowerCase();
  if (type.value === 'multipart/report' && reportType === 'delivery-status') {
    const prose = { recipients: [], informational: false } as const;
    return {
      rule: 'bounce',
      evidence: 'content-type: multipart/report; report-type=delivery-status',
      bounce: withVerp(readProseBounce(mail) ?? prose, mail, envelope, context),
    };
  }
  if (!fromBouncer(mail, envelope)) return undefined;
  const prose = readProseBounce(mail);
  return prose === undefined
    ? undefined
    : { rule: 'bounce', evidence: evidence('subject', mail.subject), bounce: withVerp(prose, mail, envelope, context) };
}

function withVerp(
  bounce: BounceReport,
  mail: ParsedMail,
  envelope: MailEnvelope,
  context: ClassifyContext,
): BounceReport {
  if (context.secrets === undefined) return bounce;
  const addresses = [
    ...(envelope.recipients ?? []),
    ...[...mail.deliveredTo, ...mail.originalTo, ...mail.to].map(({ address }) => address),
  ];
  const token = findReplyToken(addresses, context.secrets);
  return token === undefined ? bounce : { ...bounce, verpId: token.id };
}

function fromBouncer(mail: ParsedMail, envelope: MailEnvelope): boolean {
  return isNullSender(mail, envelope) || mail.from.some(({ address }) => BOUNCER_LOCAL.test(localPart(address)));
}

/** Our own mail come back: our X-Loop, our signed Message-ID, or one of our addresses as sender. */
function ownLoop(mail: ParsedMail, { ownAddresses, ownLoopIds, secrets }: ClassifyContext): AutomaticMail | undefined {
  const loop = headerValues(mail.headers, 'x-loop').find((value) =>
    ownLoopIds.some((own) => sameAddress(own, value.trim())),
  );
  if (loop !== undefined) return { rule: 'own_loop', evidence: evidence('x-loop', loop) };
  if (secrets !== undefined && readOwnMessageId(mail.messageId, secrets) !== undefined)
    return { rule: 'own_loop', evidence: evidence('message-id', mail.messageId) };
  const own = mail.from.find(({ address }) =>
    ownAddresses.some((mine) => sameAddress(mine, withoutSubaddress(address))),
  );
  return own === undefined ? undefined : { rule: 'own_loop', evidence: evidence('from', own.address) };
}

function autoReply(mail: ParsedMail): AutomaticMail | undefined {
  const submitted = headerValue(mail.headers, 'auto-submitted');
  const keyword = submitted?.split(/[;\s(]/u)[0]?.toLowerCase();
  if (submitted !== undefined && keyword !== undefined && keyword !== '' && keyword !== 'no')
    return { rule: 'auto_reply', evidence: evidence('auto-submitted', submitted) };
  for (const name of AUTO_REPLY_HEADERS) {
    const value = headerValue(mail.headers, name);
    if (value !== undefined && !/^(no|false|0)$/iu.test(value.trim()))
      return { rule: 'auto_reply', evidence: evidence(name, value) };
  }
  const precedence = headerValue(mail.headers, 'precedence');
  if (/^auto[_-]reply$/iu.test(precedence?.trim() ?? ''))
    return { rule: 'auto_reply', evidence: evidence('precedence', precedence ?? '') };
  const type = contentType(mail);
  return type.value === 'multipart/report'
    ? {
        rule: 'auto_reply',
        evidence: evidence('content-type', `multipart/report; report-type=${type.params['report-type'] ?? ''}`),
      }
    : undefined;
}

function listMail(mail: ParsedMail): AutomaticMail | undefined {
  for (const name of LIST_HEADERS) {
    const value = headerValue(mail.headers, name);
    if (value !== undefined && value.trim() !== '') return { rule: 'list_mail', evidence: evidence(name, value) };
  }
  const precedence = headerValue(mail.headers, 'precedence');
  return BULK.includes(precedence?.trim().toLowerCase() ?? '')
    ? { rule: 'list_mail', evidence: evidence('precedence', precedence ?? '') }
    : undefined;
}

function nullSender(mail: ParsedMail, envelope: MailEnvelope): AutomaticMail | undefined {
  return isNullSender(mail, envelope)
    ? { rule: 'null_sender', evidence: envelope.sender === '' ? 'mail from: <>' : 'return-path: <>' }
    : undefined;
}

function isNullSender(mail: ParsedMail, envelope: MailEnvelope): boolean {
  if (envelope.sender !== undefined) return envelope.sender.replace(/[<>\s]/gu, '') === '';
  const returnPath = headerValue(mail.headers, 'return-path');
  return returnPath !== undefined && /^\s*<\s*>\s*$/u.test(returnPath);
}

function robotSender(mail: ParsedMail, { ownAddresses }: ClassifyContext): AutomaticMail | undefined {
  const robot = mail.from.find(
    ({ address }) => ROBOT_LOCAL.test(localPart(withoutSubaddress(address))) && !ownAddresses.includes(address),
  );
  return robot === undefined ? undefined : { rule: 'no_reply_sender', evidence: evidence('from', robot.address) };
}

function contentType(mail: ParsedMail): ReturnType<typeof parseStructured> {
  return parseStructured(headerValue(mail.headers, 'content-type') ?? '');
}

function localPart(address: string): string {
  return address.slice(0, address.lastIndexOf('@'));
}

function evidence(name: string, value: string): string {
  return cut(`${name}: ${value}`, 200);
}
