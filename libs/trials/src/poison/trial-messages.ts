import { CONTRACTS, createCodec, type EncodedRecord, type InboundMessageV1 } from '@fanin/contracts';
import { deterministicId, isoTime, opaqueKey } from '@fanin/kernel';

/** Of this many messages is a conversation made, one behind the other. */
const PER_CONVERSATION = 10;

/** The n-th chat message of a trial; ids are pure functions of `trial` and `n`. */
export function trialMessage(trial: string, n: number, receivedAtMs: number): InboundMessageV1 {
  const conversation = `${trial}-c${Math.floor(n / PER_CONVERSATION)}`;
  const id = `${trial}-m${n}`;
  return {
    message_id: deterministicId('trial', 'chat', id, '0'),
    tenant: 'trial',
    account_id: 'chat',
    channel: 'chat',
    channel_slug: 'chat-web',
    delivery_id: `d-${id}`,
    part: 0,
    parts: 1,
    provider_message_id: id,
    conversation_key: conversation,
    sender: { kind: 'visitor', id: `visitor-${conversation}`, name: null },
    sender_verified: true,
    recipients: [],
    subject: null,
    text: `Message ${n} of ${conversation}: where is my order? #${id}#`,
    html: null,
    quoted_text: null,
    body_ref: null,
    attachments: [],
    provider_time: null,
    received_at: isoTime(receivedAtMs),
    threading: { reply_token: null, references: [], subject_base: null },
    automatic: null,
    delivery_report: null,
    flags: [],
    provider_fields: {},
  };
}

const codec = createCodec(CONTRACTS.inboundMessage);

export function encodeMessage(message: InboundMessageV1): EncodedRecord {
  return codec.encode(message, { key: opaqueKey(message.conversation_key), source: '/fanin/trial' });
}

/** Fair enough for a trial, and the same for the same seed (mulberry32's recurrence). */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
