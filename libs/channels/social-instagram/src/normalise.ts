import type { Normalise } from '@fanin/connector-kit';
import {
  eachUpdate,
  ignored,
  normaliseBatch,
  objectAt,
  readDirectEvent,
  readStandby,
  textAt,
  type DirectAccount,
  type Json,
  type Part,
} from '@fanin/meta';
import { readComment, readMention } from './comments.js';
import type { InstagramConfig } from './config.js';

/** Pure: a webhook of object `instagram` → messages, amendments and receipts of one account. */
export function createNormalise(config: InstagramConfig): Normalise {
  const account: DirectAccount = { platform: 'instagram', id: config.instagram_id, appId: config.app_id };
  return async (delivery) =>
    normaliseBatch(delivery.body, {
      object: 'instagram',
      entryId: account.id,
      entry: (entry, take) => {
        eachUpdate(entry, 'messaging', take, (event) => readDirectEvent(account, event, entry['time']));
        eachUpdate(entry, 'standby', take, readStandby);
        eachUpdate(entry, 'changes', take, (change) => readChange(account, change, entry['time']));
      },
    });
}

function readChange(account: DirectAccount, change: Json, entryTime: unknown): Part {
  const field = textAt(change, 'field') ?? '';
  const value = objectAt(change, 'value');
  if (value === undefined) return ignored('unknown_field', `changes: ${field}`);
  switch (field) {
    case 'comments':
      return readComment(account, value, entryTime, false);
    case 'live_comments':
      return readComment(account, value, entryTime, true);
    case 'mentions':
      return readMention(account, value, entryTime);
    default:
      // The dashboard's test button sends messaging events in this clothing.
      return objectAt(value, 'sender') === undefined
        ? ignored('unknown_field', `changes: ${field}`)
        : readDirectEvent(account, value, entryTime);
  }
}
