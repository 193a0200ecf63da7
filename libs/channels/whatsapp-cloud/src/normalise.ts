import type { Normalise } from '@fanin/connector-kit';
import { FaninError } from '@fanin/kernel';
import {
  eachUpdate,
  ignored,
  isObject,
  listAt,
  normaliseBatch,
  objectAt,
  optionalIdAt,
  textAt,
  type Json,
  type Part,
} from '@fanin/meta';
import type { WhatsappConfig } from './config.js';
import { errorsOf } from './content.js';
import { readEcho, readMessage } from './messages.js';
import { newsOf } from './party.js';
import { readStatus } from './statuses.js';

type Take = (read: () => Part) => void;

/** Pure: a webhook of object `whatsapp_business_account` → messages, amendments and receipts of one number. */
export function createNormalise(config: WhatsappConfig): Normalise {
  return async (delivery) =>
    normaliseBatch(delivery.body, {
      object: 'whatsapp_business_account',
      entry: (entry, take) => {
        for (const change of listAt(entry, 'changes')) readChange(config, change, take);
      },
    });
}

function readChange(config: WhatsappConfig, change: unknown, take: Take): void {
  const value = isObject(change) ? objectAt(change, 'value') : undefined;
  const field = isObject(change) ? (textAt(change, 'field') ?? '') : '';
  if (value === undefined) return take(() => reject('a change has no value'));
  const ours = numberOf(value);
  if (ours !== undefined && ours !== config.phone_number_id)
    return take(() => ignored('unknown_number', `phone_number_id ${ours}`));
  if (field !== 'messages' && field !== 'smb_message_echoes')
    return take(() => ignored('unknown_field', `changes: ${field}`));
  const news = newsOf(value);
  let updates = 0;
  const counted: Take = (read) => {
    updates += 1;
    take(read);
  };
  eachUpdate(value, 'messages', counted, (message) => readMessage(news, message));
  eachUpdate(value, 'message_echoes', counted, (message) => readEcho(news, message));
  eachUpdate(value, 'statuses', counted, readStatus);
  if (updates > 0) return;
  const errors = errorsOf(value);
  take(() =>
    errors === '' ? ignored('empty_entry', Object.keys(value).join(', ')) : ignored('provider_error', errors),
  );
}

function reject(reason: string): Part {
  throw new FaninError('BAD_PAYLOAD', reason);
}

/** Our number that a change is about; undefined for news of the business account as a whole. */
export function numberOf(value: Json | undefined): string | undefined {
  return optionalIdAt(objectAt(value, 'metadata'), 'phone_number_id');
}
