import type { MailAttachment, ParsedMail } from '../parsed-mail.js';
import { headersToText, headerValue, readHead, type MailHeader } from '../text/headers.js';
import { parseMessageIds } from '../text/message-ids.js';

/** Blocks of header fields separated by blank lines, as in message/delivery-status and message/feedback-report. */
export function fieldBlocks(content: Buffer, maxBlocks = 200): MailHeader[][] {
  const blocks: MailHeader[][] = [];
  let rest = content;
  while (rest.length > 0 && blocks.length < maxBlocks) {
    const head = readHead(rest);
    if (head.fields.length > 0) blocks.push(headersToText(head.fields));
    rest = rest.subarray(Math.max(head.bodyOffset, 1));
  }
  return blocks;
}

export function partOfType(mail: ParsedMail, ...types: readonly string[]): MailAttachment | undefined {
  return mail.attachments.find(({ contentType }) => types.includes(contentType));
}

/** `rfc822; ann@example.org` → `ann@example.org` (RFC 3464 §2.1.2); bounded, without the angle brackets some add. */
export function typedValue(value: string | undefined): string | undefined {
  if (value === undefined) return undefined;
  const plain = value
    .slice(value.indexOf(';') + 1)
    .trim()
    .replace(/^<|>$/gu, '')
    .slice(0, 320);
  return plain === '' ? undefined : plain;
}

/** Message-ID in the returned original: whole message, or its headers only (RFC 6522 §3). */
export function returnedMessageId(mail: ParsedMail): string | undefined {
  const returned = partOfType(
    mail,
    'message/rfc822',
    'text/rfc822-headers',
    'message/rfc822-headers',
    'message/global',
    'message/global-headers',
  );
  if (returned === undefined) return undefined;
  const value = headerValue(headersToText(readHead(returned.content).fields), 'message-id');
  return value === undefined ? undefined : parseMessageIds(value)[0];
}
