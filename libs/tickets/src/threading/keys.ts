import { hash } from 'node:crypto';
import type { ChannelFamily, Party } from '@fanin/contracts';
import { storable } from '../schema/storable.js';

/** 128 bits of SHA-256 over length-prefixed parts, as the 32 hex digits that PostgreSQL reads as a uuid. */
function hash128(a: string, b: string): string {
  return hash('sha256', `${a.length}:${a}${b}`, 'hex').slice(0, 32);
}

/**
 * Key of a provider message id within a tenant. Message-IDs of e-mail are global (RFC 5322 §3.6.4), so one mail that
 * reached two accounts is one; ids of other channels mean something within their account only.
 */
export function referenceHash(channel: ChannelFamily, accountId: string, providerMessageId: string): string {
  return channel === 'email' ? hash128('', withoutBrackets(providerMessageId)) : hash128(accountId, providerMessageId);
}

/** Some senders and receipts leave the angle brackets of a Message-ID out. */
function withoutBrackets(id: string): string {
  return id.startsWith('<') && id.endsWith('>') ? id.slice(1, -1) : id;
}

export function conversationHash(conversationKey: string): string {
  return hash128('', conversationKey);
}

/** A person in `tickets.participants`: on one line, because the column is written line by line. */
export function participantKey(party: Pick<Party, 'kind' | 'id'>): string {
  return `${party.kind}:${storable(party.id).replaceAll('\n', ' ')}`;
}
