import type { InboundMessageV1 } from '@fanin/contracts';
import { storable } from '../schema/storable.js';
import { conversationHash, referenceHash } from '../threading/keys.js';
import { customerParty, isUnverified } from '../threading/participants.js';
import { usedReferences } from '../threading/route.js';

/** A message with everything it is looked up by; made once per message. */
export interface KeyedMessage {
  readonly message: InboundMessageV1;
  /** Decides duplicates: `message_id` is a pure function of tenant, account, provider message id and part (decision 8). */
  readonly dedupeKey: string;
  readonly ownRef: string;
  /** The references that are looked at and indexed, each with its key: hashed once, asked for at every step. */
  readonly references: readonly { readonly id: string; readonly key: string }[];
  /**
   * Where the conversation is looked up. The conversation key of a mail is a Message-ID (the root of its thread) and is found
   * among the references; other channels have conversations of their own.
   */
  readonly conversation:
    | { readonly in: 'references'; readonly key: string }
    | { readonly in: 'conversations'; readonly key: string; readonly hash: string };
  /** Of the customer, whoever wrote the message. */
  readonly identityKind: string;
  readonly identityId: string;
  readonly identityKey: string;
}

/** Keys of the maps in `BatchState`; a tenant never meets another one's. */
export const mapKey = {
  message: (tenant: string, id: string): string => `${tenant}\n${id}`,
  reference: (tenant: string, hash: string): string => `${tenant}\n${hash}`,
  conversation: (tenant: string, account: string, hash: string): string => `${tenant}\n${account}\n${hash}`,
  identity: (tenant: string, kind: string, id: string): string => `${tenant}\n${kind}\n${id}`,
  number: (tenant: string, number: number): string => `${tenant}\n${number}`,
  token: (tenant: string, token: string): string => `${tenant}\n${token}`,
};

export function referenceKeyOf(message: InboundMessageV1, providerMessageId: string): string {
  return mapKey.reference(message.tenant, referenceHash(message.channel, message.account_id, providerMessageId));
}

/** As `referenceKeyOf`, without hashing again what the message itself names. */
export function referenceKeyIn({ message, ownRef, references }: KeyedMessage, providerMessageId: string): string {
  if (providerMessageId === message.provider_message_id) return ownRef;
  const known = references.find(({ id }) => id === providerMessageId);
  return known === undefined ? referenceKeyOf(message, providerMessageId) : known.key;
}

export function keyMessage(message: InboundMessageV1): KeyedMessage {
  const { tenant } = message;
  const customer = customerParty(message);
  const ownRef = referenceKeyOf(message, message.provider_message_id);
  const references = usedReferences(message).map((id) => ({ id, key: referenceKeyOf(message, id) }));
  const identityKind = isUnverified(message) ? `${customer.kind}_unverified` : customer.kind;
  const identityId = storable(customer.id);
  return {
    message,
    dedupeKey: mapKey.message(tenant, message.message_id),
    ownRef,
    references,
    conversation: conversationOf(message, ownRef, references),
    identityKind,
    identityId,
    identityKey: mapKey.identity(tenant, identityKind, identityId),
  };
}

function conversationOf(
  message: InboundMessageV1,
  ownRef: string,
  references: KeyedMessage['references'],
): KeyedMessage['conversation'] {
  const { conversation_key: key, channel } = message;
  if (channel === 'email') {
    const known = key === message.provider_message_id ? ownRef : references.find(({ id }) => id === key)?.key;
    return { in: 'references', key: known ?? referenceKeyOf(message, key) };
  }
  const hash = conversationHash(key);
  return { in: 'conversations', key: mapKey.conversation(message.tenant, message.account_id, hash), hash };
}
