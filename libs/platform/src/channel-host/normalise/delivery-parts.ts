import type { Normalised, RejectedEntry } from '@fanin/connector-kit';
import { FaninError } from '@fanin/kernel';

/** How the messages and the rejected entries of a delivery share its parts. */
export interface DeliveryParts {
  readonly count: number;
  /** The part of each message, in order. */
  readonly ofMessages: readonly number[];
  readonly rejected: readonly RejectedEntry[];
}

/** Messages and rejected entries are counted together; a rejected entry says its place, messages take the others. */
export function partsOf({ messages, rejected = [] }: Normalised): DeliveryParts {
  const count = messages.length + rejected.length;
  const taken = new Set(rejected.map(({ at }) => at));
  if (taken.size < rejected.length || [...taken].some((at) => !Number.isInteger(at) || at < 0 || at >= count))
    throw new FaninError('BUG', 'the channel numbered the rejected entries of a delivery wrongly');
  const ofMessages = Array.from({ length: count }, (_, part) => part).filter((part) => !taken.has(part));
  return { count, ofMessages, rejected };
}
