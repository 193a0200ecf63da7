import { deterministicId } from '@fanin/kernel';

/** The id that a message of that provider id has, or will have when it comes (see the kit's `messageIdOf`). */
export function amendedMessageId(tenant: string, accountId: string, providerMessageId: string): string {
  return deterministicId(tenant, accountId, providerMessageId, '', '0');
}
