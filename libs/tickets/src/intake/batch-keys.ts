import type { InboundMessageV1 } from '@fanin/contracts';
import { storable } from '../schema/storable.js';
import { conversationHash, dedupeId, referenceHash } from '../threading/keys.js';
import { isUnverified } from '../threading/participants.js';

/** A message with everything it is looked up by; made once per message. */
export interface KeyedMessage {
  readonly message: InboundMessageV1;
  /** `provider_message_id` as the unique key holds it. */
  readonly dedupeId: string;
  readonly dedupeKey: string;
  readonly ownRef: string;
  readonly conversationHash: string;
  readonly conversationKey: string;
  readonly identityKind: string;
  readonly identityId: string;
  readonly identityKey: string;
}

/** Keys of the maps in `BatchState`; a tenant never meets another one's. */
export const mapKey = {
  dedupe: (tenant: string, account: string, id: string, part: number): string => `${tenant}\n${account}\n${part}\n${id}`,
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
  const { tenant, account_id: account, sender } = message;
  const dedupe = storable(dedupeId(message.provider_message_id));
  const conversation = conversationHash(message.conversation_key);
  const identityKind = isUnverified(message) ? `${sender.kind}_unverified` : sender.kind;
  const identityId = storable(sender.id);
  return {
    message,
    dedupeId: dedupe,
    dedupeKey: mapKey.dedupe(tenant, account, dedupe, message.part),
    ownRef: referenceKeyOf(message, message.provider_message_id),
    conversationHash: conversation,
    conversationKey: mapKey.conversation(tenant, account, conversation),
    identityKind,
    identityId,
    identityKey: mapKey.identity(tenant, identityKind, identityId),
  };
}
