import type { InboundMessageV1 } from '@fanin/contracts';
import { deterministicId, isoTime } from '@fanin/kernel';
import { trialMessage } from '../poison/trial-messages.js';

/** Messages to a conversation: two mails and an answer of each, or a direct message, an edit of it and its deletion. */
const TURNS = 4;
const START_MS = Date.parse('2026-11-21T08:00:00Z');

/** Conversations in which each message leans on an earlier one: answers, edits, deletions. */
export function reorderMessages(count: number): InboundMessageV1[] {
  return Array.from({ length: count }, (_, n) => {
    const group = Math.floor(n / TURNS);
    return group % 2 === 0 ? mail(group, n % TURNS) : direct(group, n % TURNS);
  });
}

function dated(n: number): InboundMessageV1 {
  const atMs = START_MS + n * 1_000;
  return { ...trialMessage('reorder', n, atMs), provider_time: isoTime(atMs) };
}

/** A thread; every answer names the one before it and the root. */
function mail(group: number, turn: number): InboundMessageV1 {
  const id = (at: number): string => `<g${group}-${at}@mail.example>`;
  const references = turn === 0 ? [] : [...new Set([id(turn - 1), id(0)])];
  return {
    ...dated(group * TURNS + turn),
    message_id: deterministicId('trial', 'mail', id(turn), '0'),
    account_id: 'mail',
    channel: 'email',
    channel_slug: 'email-smtp',
    delivery_id: `d-g${group}-${turn}`,
    provider_message_id: id(turn),
    conversation_key: id(0),
    sender: { kind: 'email', id: `customer-${group}@customer.example`, name: null },
    recipients: [{ kind: 'email', id: 'support@shop.example', name: null, role: 'to' }],
    subject: turn === 0 ? `About ${group}` : `Re: About ${group}`,
    text: `Mail ${turn} of ${group}`,
    threading: { reply_token: null, references, subject_base: `About ${group}` },
  };
}

/** Two messages; the first is edited, the second deleted. */
function direct(group: number, turn: number): InboundMessageV1 {
  const id = (at: number): string => `mid-g${group}-${at}`;
  const amended = turn - 2;
  const base: InboundMessageV1 = {
    ...dated(group * TURNS + turn),
    message_id: deterministicId('trial', 'page', id(turn), '', '0'),
    account_id: 'page',
    channel: 'social',
    channel_slug: 'social-meta-messenger',
    delivery_id: `d-g${group}-${turn}`,
    provider_message_id: id(turn),
    conversation_key: `dm:page:${group}`,
    sender: { kind: 'social', id: `messenger:page:${group}`, name: null },
    recipients: [{ kind: 'social', id: 'messenger:page:page', name: 'Shop', role: 'to' }],
    visibility: 'private',
    text: `Direct ${turn} of ${group}`,
  };
  if (amended < 0) return base;
  const change = amended === 0 ? 'edited' : 'deleted';
  const text = amended === 0 ? `Edited ${group}` : '';
  return { ...base, text, amends: { provider_message_id: id(amended), change, value: null } };
}
