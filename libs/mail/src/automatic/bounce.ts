import type { ParsedMail } from '../parsed-mail.js';
import { parseAddresses } from '../text/addresses.js';
import { cut } from '../text/cleaning.js';
import { headerValue, headerValues, type MailHeader } from '../text/headers.js';
import { parseMessageIds } from '../text/message-ids.js';
import { fieldBlocks, partOfType, returnedMessageId, typedValue } from './report-fields.js';
import type { BounceReport, FeedbackReport, RecipientStatus } from './rules.js';

const NON_STANDARD_SUBJECT =
  /^(undeliver(ed|able)( mail| message)?\b|mail delivery (failed|failure|system|subsystem)|delivery status notification|returned mail:|failure notice|delivery (has )?failed|delivery failure|mail (could )?not (be )?delivered|message delivery failure|unzustellbar|nicht zustellbar|non remis|non distribuable|no se puede entregar|mancata consegna|onbestelbaar)/iu;
const STATUS_IN_TEXT = /(?:^|[\s(#])([245]\.\d{1,3}\.\d{1,3})(?=[\s):,;-]|$)/u;
const RECIPIENT_IN_TEXT = /<([^\s<>@]{1,64}@[^\s<>@]{1,255})>/u;

/** A delivery status notification (RFC 3464), or undefined when the mail carries none. */
export function readBounce(mail: ParsedMail): BounceReport | undefined {
  const part = partOfType(mail, 'message/delivery-status', 'message/global-delivery-status');
  if (part === undefined) return undefined;
  const recipients = fieldBlocks(part.content)
    .map(recipientStatus)
    .filter((status) => status !== undefined);
  return report(mail, recipients);
}

/**
 * A bounce in prose, as qmail, Exim and many gateways send: recipients from X-Failed-Recipients or the text, status from
 * the text. Undefined when neither that header nor the subject says so.
 */
export function readProseBounce(mail: ParsedMail): BounceReport | undefined {
  const failed = parseAddresses(headerValues(mail.headers, 'x-failed-recipients')).map(({ address }) => address);
  if (failed.length === 0 && !NON_STANDARD_SUBJECT.test(mail.subject)) return undefined;
  const text = mail.text.slice(0, 16 * 1024);
  const status = STATUS_IN_TEXT.exec(text)?.[1];
  const named = RECIPIENT_IN_TEXT.exec(text)?.[1];
  const addresses: readonly (string | undefined)[] = failed.length > 0 ? failed : [named];
  const recipients = addresses.map((finalRecipient) => ({
    ...(status === undefined ? {} : { status }),
    ...(finalRecipient === undefined ? {} : { finalRecipient }),
    permanence: permanenceOf(undefined, status),
  }));
  return report(mail, status === undefined && failed.length === 0 && named === undefined ? [] : recipients, text);
}

function report(mail: ParsedMail, recipients: readonly RecipientStatus[], prose?: string): BounceReport {
  const originalMessageId =
    returnedMessageId(mail) ?? (prose === undefined ? undefined : idInProse(prose)) ?? mail.inReplyTo;
  const informational =
    recipients.length > 0 && recipients.every(({ action }) => action !== undefined && action !== 'failed');
  return { recipients, informational, ...(originalMessageId === undefined ? {} : { originalMessageId }) };
}

function idInProse(text: string): string | undefined {
  const line = /^message-id:\s*(<[^<>\s]{3,500}>)/imu.exec(text)?.[1];
  return line === undefined ? undefined : parseMessageIds(line)[0];
}

function recipientStatus(fields: readonly MailHeader[]): RecipientStatus | undefined {
  const finalRecipient = typedValue(headerValue(fields, 'final-recipient'));
  const originalRecipient = typedValue(headerValue(fields, 'original-recipient'));
  const action = headerValue(fields, 'action')
    ?.split(/[\s;(]/u)[0]
    ?.toLowerCase();
  const status = /\d\.\d{1,3}\.\d{1,3}/u.exec(headerValue(fields, 'status') ?? '')?.[0];
  if (finalRecipient === undefined && originalRecipient === undefined && action === undefined) return undefined;
  const diagnostic = headerValue(fields, 'diagnostic-code');
  return {
    ...(finalRecipient === undefined ? {} : { finalRecipient }),
    ...(originalRecipient === undefined ? {} : { originalRecipient }),
    ...(action === undefined || action === '' ? {} : { action: cut(action, 20) }),
    ...(status === undefined ? {} : { status }),
    ...(diagnostic === undefined ? {} : { diagnostic: cut(diagnostic, 500) }),
    permanence: permanenceOf(action, status),
  };
}

/** RFC 3463 §3.1: the class of the status; `delayed` is temporary whatever it says. */
function permanenceOf(action: string | undefined, status: string | undefined): RecipientStatus['permanence'] {
  if (action === 'delayed') return 'temporary';
  if (status?.startsWith('5.') === true) return 'permanent';
  if (status?.startsWith('4.') === true) return 'temporary';
  return status?.startsWith('2.') === true ? 'success' : 'unknown';
}

/** A feedback report (RFC 5965), or undefined when the mail carries none. */
export function readFeedback(mail: ParsedMail): FeedbackReport | undefined {
  const part = partOfType(mail, 'message/feedback-report');
  if (part === undefined) return undefined;
  const fields = fieldBlocks(part.content).flat();
  const originalMessageId = returnedMessageId(mail);
  return {
    feedbackType: cut((headerValue(fields, 'feedback-type') ?? 'other').toLowerCase(), 40),
    originalRecipients: fields
      .filter(({ name }) => name === 'original-rcpt-to')
      .slice(0, 100)
      .map(({ value }) => typedValue(value) ?? ''),
    ...(originalMessageId === undefined ? {} : { originalMessageId }),
  };
}
