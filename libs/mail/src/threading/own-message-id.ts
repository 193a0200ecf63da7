import { assertSecrets, isSignableId, sign, verify, type SigningSecrets } from './signature.js';

const PURPOSE = 'message-id';
const OWN_ID = /^<fanin\.([a-z0-9_-]{1,40})\.([a-z2-7]{20})@([^\s@<>]{1,255})>$/iu;

export interface OwnMessageId {
  /** What was signed: the outbound message. */
  readonly id: string;
  readonly domain: string;
}

/**
 * `<fanin.<id>.<mac>@domain>`: the same outbound message always has the same Message-ID (a repeated send is recognised by
 * receivers), and no one who did not get the message can make one up.
 */
export function makeOwnMessageId(id: string, domain: string, secrets: SigningSecrets): string {
  assertSecrets(secrets);
  if (!isSignableId(id))
    throw new RangeError(`an id in a Message-ID is 1 to 40 of a-z 0-9 _ -, not ${JSON.stringify(id)}`);
  if (!/^[a-z0-9.-]{1,253}$/iu.test(domain)) throw new RangeError(`not a domain: ${JSON.stringify(domain)}`);
  return `<fanin.${id}.${sign(secrets[0], PURPOSE, id, domain)}@${domain.toLowerCase()}>`;
}

/** Undefined when the Message-ID is not one of ours, or its signature is wrong. */
export function readOwnMessageId(messageId: string, secrets: SigningSecrets): OwnMessageId | undefined {
  const match = OWN_ID.exec(messageId);
  if (match === null) return undefined;
  const [, rawId = '', mac = '', rawDomain = ''] = match;
  const id = rawId.toLowerCase();
  const domain = rawDomain.toLowerCase();
  return verify(secrets, PURPOSE, id, domain, mac) ? { id, domain } : undefined;
}
