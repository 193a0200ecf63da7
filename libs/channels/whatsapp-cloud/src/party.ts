import type { Party } from '@fanin/contracts';
import { FaninError } from '@fanin/kernel';
import { cut, objectAt, objectsAt, optionalIdAt, textAt, type Json } from '@fanin/meta';

/** One `value` of a change: our number, and the names that came with it. */
export interface NumberNews {
  readonly value: Json;
  /** Our number in E.164; its id where the display number is missing. */
  readonly ours: string;
}

export function newsOf(value: Json): NumberNews {
  const metadata = objectAt(value, 'metadata');
  const digits = digitsOf(textAt(metadata, 'display_phone_number'));
  return {
    value,
    ours: digits === undefined ? (optionalIdAt(metadata, 'phone_number_id') ?? 'unknown') : `+${digits}`,
  };
}

function digitsOf(text: string | undefined): string | undefined {
  const digits = text?.replace(/\D/g, '') ?? '';
  return /^\d{6,15}$/.test(digits) ? digits : undefined;
}

/**
 * A customer: by number, the same as for SMS and calls; people with a user name show no number and are known by an id that
 * is scoped to the business.
 */
export function customerOf({ value }: NumberNews, waId: string | undefined, userId: string | undefined): Party {
  const name = nameOf(value, waId, userId);
  const digits = digitsOf(waId);
  if (digits !== undefined) return { kind: 'phone', id: `+${digits}`, name };
  if (userId !== undefined) return { kind: 'social', id: `whatsapp:${userId}`, name };
  throw new FaninError('BAD_PAYLOAD', 'the sender is neither a number nor a user id');
}

/** The address of a customer in our keys: the number, or the user id. */
export function addressOf(customer: Party): string {
  return customer.kind === 'phone' ? customer.id : customer.id.slice('whatsapp:'.length);
}

export function conversationOf(customer: Party, ours: string): string {
  return `whatsapp:${addressOf(customer)}:${ours}`;
}

export function ourselves({ ours }: NumberNews): Party {
  return ours.startsWith('+')
    ? { kind: 'phone', id: ours, name: null }
    : { kind: 'social', id: `whatsapp:${ours}`, name: null };
}

function nameOf(value: Json, waId: string | undefined, userId: string | undefined): string | null {
  const contact = objectsAt(value, 'contacts').find(
    (each) =>
      (waId !== undefined && textAt(each, 'wa_id') === waId) ||
      (userId !== undefined && textAt(each, 'user_id') === userId),
  );
  const name = textAt(objectAt(contact, 'profile'), 'name')?.replaceAll('\n', ' ').trim() ?? '';
  return name === '' ? null : cut(name, 255);
}
