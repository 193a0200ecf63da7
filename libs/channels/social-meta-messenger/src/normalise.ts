import type { Normalise } from '@fanin/connector-kit';
import { eachUpdate, normaliseBatch, readDirectEvent, readStandby, type DirectAccount } from '@fanin/meta';
import { readChange } from './comments.js';
import type { MessengerConfig } from './config.js';

/** Pure: a webhook of object `page` → messages, amendments and receipts of one Page. */
export function createNormalise(config: MessengerConfig): Normalise {
  const page: DirectAccount = { platform: 'messenger', id: config.page_id, appId: config.app_id };
  return async (delivery) =>
    normaliseBatch(delivery.body, {
      object: 'page',
      entryId: page.id,
      entry: (entry, take) => {
        eachUpdate(entry, 'messaging', take, (event) => readDirectEvent(page, event, entry['time']));
        eachUpdate(entry, 'standby', take, readStandby);
        eachUpdate(entry, 'changes', take, (change) => readChange(page, change, entry['time']));
      },
    });
}
