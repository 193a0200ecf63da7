import type { InboundMessageV1, Party } from '@fanin/contracts';
import { participantKey } from './keys.js';

/** Growth of `tickets.participants` by one message, and in all. */
const MAX_PER_MESSAGE = 50;
const MAX_PER_TICKET = 200;

/** The sender failed DMARC: what the From says is a claim only. */
export function isUnverified(message: InboundMessageV1): boolean {
  return message.flags.includes('dmarc_fail');
}

/** The customer of the message: who wrote it, or to whom the shop wrote it with another tool. */
export function customerParty(message: InboundMessageV1): Party {
  return message.author === 'account' ? (message.recipients[0] ?? message.sender) : message.sender;
}

/**
 * Who may answer this message: its sender, and those it was openly sent to. Not the envelope's recipients (they are our
 * own mailboxes), and nobody whom an unverified sender names: a forged mail must not invite its author's friends.
 */
export function participantsOf(message: InboundMessageV1): string[] {
  const sender = participantKey(customerParty(message));
  if (message.channel !== 'email' || isUnverified(message)) return [sender];
  const ours = new Set<string>();
  for (const recipient of message.recipients) if (recipient.role === 'envelope') ours.add(recipient.id);
  const found = [sender];
  for (const recipient of message.recipients) {
    if (found.length >= MAX_PER_MESSAGE) break;
    if ((recipient.role === 'to' || recipient.role === 'cc') && !ours.has(recipient.id)) {
      found.push(participantKey(recipient));
    }
  }
  return found;
}

/** `known` with the newcomers appended, or `known` itself when there are none. */
export function withParticipants(known: readonly string[], coming: readonly string[]): readonly string[] {
  const newcomers = coming.filter((one, index) => !known.includes(one) && coming.indexOf(one) === index);
  return newcomers.length === 0 ? known : [...known, ...newcomers].slice(0, Math.max(MAX_PER_TICKET, known.length));
}
