import type { Party } from '@fanin/contracts';

/** What Twilio writes for callers who hide their number (twilio.com/docs/voice/twiml#request-parameters). */
const HIDDEN = new Set([
  'anonymous',
  'restricted',
  'unavailable',
  'unknown',
  '+266696687',
  '+7378742833',
  '+86282452253',
  '+2562533',
  '+8656696',
]);

/** `whatsapp:+49…` in its two parts; plain numbers belong to `sms`. */
export function partsOf(address: string): { readonly channel: string; readonly id: string } {
  const match = /^([a-z]+):(.+)$/.exec(address);
  return match === null ? { channel: 'sms', id: address } : { channel: match[1] ?? 'sms', id: match[2] ?? address };
}

export function partyOf(address: string, name: string | null = null): Party {
  return { kind: 'phone', id: partsOf(address).id.slice(0, 320), name };
}

export function isHidden(address: string): boolean {
  return HIDDEN.has(address.toLowerCase());
}

/** A caller. One who hides the number is a stranger each time: strangers must not become one customer. */
export function callerOf(address: string, callSid: string, name: string | null = null): Party {
  if (isHidden(address)) return { kind: 'phone', id: `anonymous:${callSid}`, name: name ?? 'Anonymous caller' };
  return { kind: 'phone', id: address.slice(0, 320), name };
}

/** Both customer's and our address, without the channel's prefix: a pair of numbers is a conversation. */
export function messageConversation(customer: string, ours: string): string {
  const { channel, id } = partsOf(customer);
  return `${channel}:${id}:${partsOf(ours).id}`.slice(0, 1200);
}

export function callConversation(parentSid: string): string {
  return `call:${parentSid}`;
}
