import { normaliseAddress } from '../text/addresses.js';
import { assertSecrets, isSignableId, sign, verify, type SigningSecrets } from './signature.js';

const PURPOSE = 'reply-address';
const TOKEN = /^(.{1,64})\+t\.([a-z0-9_-]{1,40})\.([a-z2-7]{20})$/iu;

export interface ReplyToken {
  /** What was signed into the address: the conversation or ticket. */
  readonly id: string;
  /** The address without the token: the mailbox it was sent from. */
  readonly base: string;
  /** The address as it stood in the mail. */
  readonly address: string;
}

/**
 * `support@shop.example` and an id → `support+t.<id>.<mac>@shop.example` (subaddress, RFC 5233). Answers to it belong to
 * that id whatever the mail program does to References. Throws on an id or address that cannot carry a token.
 */
export function makeReplyAddress(base: string, id: string, secrets: SigningSecrets): string {
  assertSecrets(secrets);
  const address = normaliseAddress(base);
  if (address === undefined) throw new RangeError(`not an address: ${JSON.stringify(base)}`);
  if (!isSignableId(id))
    throw new RangeError(`an id in a reply address is 1 to 40 of a-z 0-9 _ -, not ${JSON.stringify(id)}`);
  const at = address.lastIndexOf('@');
  const local = address.slice(0, at);
  const domain = address.slice(at + 1);
  const signed = `${local}+t.${id}.${sign(secrets[0], PURPOSE, id, domain)}`;
  if (signed.length > 64 + local.length) throw new RangeError('the local part is too long to carry a reply token');
  return `${signed}@${domain}`;
}

/** Reads one address; undefined when it carries no token or a wrong one. */
export function readReplyAddress(value: string, secrets: SigningSecrets): ReplyToken | undefined {
  const address = normaliseAddress(value);
  if (address === undefined) return undefined;
  const at = address.lastIndexOf('@');
  const match = TOKEN.exec(address.slice(0, at));
  if (match === null) return undefined;
  const [, local = '', rawId = '', mac = ''] = match;
  const id = rawId.toLowerCase();
  const domain = address.slice(at + 1);
  return verify(secrets, PURPOSE, id, domain, mac) ? { id, base: `${local}@${domain}`, address } : undefined;
}

/** The first valid token among addresses (To, Cc, Delivered-To, X-Original-To, envelope recipients). */
export function findReplyToken(addresses: Iterable<string>, secrets: SigningSecrets): ReplyToken | undefined {
  for (const address of addresses) {
    const token = readReplyAddress(address, secrets);
    if (token !== undefined) return token;
  }
  return undefined;
}

/** The mailbox behind an address: subaddress removed (`support+anything@x` → `support@x`). */
export function withoutSubaddress(address: string): string {
  const at = address.lastIndexOf('@');
  const plus = address.indexOf('+');
  return plus > 0 && plus < at ? address.slice(0, plus) + address.slice(at) : address;
}
