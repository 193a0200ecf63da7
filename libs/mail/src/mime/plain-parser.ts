import type { MailHead } from '../text/headers.js';
import { makePart, type PartTree } from './part.js';

/** Transfer encodings that change nothing (RFC 2045 §6.2). */
const IDENTITY = ['', '7bit', '8bit', 'binary'];
/** A plain type with plain parameters; flowed text is joined by who undoes its encoding. */
const PLAIN_TYPE = /^text\/plain(?:;\s*charset="?[\w.:-]+"?)?;?$/iu;

/**
 * Most mails of customers are one text without structure and without encoding: their body is the part as it stands, and no
 * parser is needed. False for every other mail, and for one whose head leaves a doubt.
 */
export function isPlain(head: MailHead, body: Buffer): boolean {
  return body.length > 0 && plainType(head) !== undefined;
}

/** The one part of a mail that `isPlain`; undefined for every other. */
export function parsePlain(head: MailHead, body: Buffer, hint: string | undefined): PartTree | undefined {
  const type = body.length === 0 ? undefined : plainType(head);
  if (type === undefined) return undefined;
  const headers = { ...type, disposition: undefined, contentId: undefined };
  return { parts: [makePart(headers, body, [], hint)], cutShort: false };
}

function plainType(head: MailHead): { readonly contentType: string | undefined } | undefined {
  if (head.damaged) return undefined;
  let contentType: string | undefined;
  let encoding: string | undefined;
  for (const { name, raw } of head.fields) {
    if (!name.startsWith('content-')) continue;
    const value = raw.toString('latin1').trim();
    if (name === 'content-type' && contentType === undefined && PLAIN_TYPE.test(value)) contentType = value;
    else if (name === 'content-transfer-encoding' && encoding === undefined) encoding = value.toLowerCase();
    else if (name !== 'content-language') return undefined;
  }
  return IDENTITY.includes(encoding ?? '') ? { contentType } : undefined;
}
