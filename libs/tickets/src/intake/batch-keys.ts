import type { InboundMessageV1 } from '@fanin/contracts';
import { storable } from '../schema/storable.js';
import { conversationHash, referenceHash } from '../threading/keys.js';
import { customerParty, isUnverified } from '../threading/participants.js';

/** A message with everything it is looked up by; made once per message. */
export interface KeyedMessage {
  readonly message: InboundMessageV1;
  /** Decides duplicates: `message_id` is a pure function of tenant, account, provider message id and part (decision 8). */
  readonly dedupeKey: string;
  readonly ownRef: string;
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

export function keyMessage(message: InboundMessageV1): KeyedMessage {
  const { tenant } = message;
  const customer = customerParty(message);
  const ownRef = referenceKeyOf(message, message.provider_message_id);
  const identityKind = isUnverified(message) ? `${customer.kind}_unverified` : customer.kind;
  const identityId = storable(customer.id);
  return {
    message,
    dedupeKey: mapKey.message(tenant, message.message_id),
    ownRef,
    conversation: conversationOf(message, ownRef),
    identityKind,
    identityId,
    identityKey: mapKey.identity(tenant, identityKind, identityId),
  };
}

function conversationOf(message: InboundMessageV1, ownRef: string): KeyedMessage['conversation'] {
  const { conversation_key: key, channel } = message;
  if (channel === 'email') {
    return { in: 'references', key: key === message.provider_message_id ? ownRef : referenceKeyOf(message, key) };
  }
  const hash = conversationHash(key);
  return { in: 'conversations', key: mapKey.conversation(message.tenant, message.account_id, hash), hash };
}
