import type { MediaSource } from '@fanin/connector-kit';
import { FaninError } from '@fanin/kernel';
import type { BotApi } from './client.js';
import { FILE_ID } from './content.js';
import { translate } from './errors.js';
import { optional } from './update.js';

/** getFile gives an address that holds for an hour and holds the token: it is asked for anew each time and kept nowhere. */
export function createMedia(api: BotApi): MediaSource {
  return {
    async fetch({ ref }, { signal }) {
      if (!FILE_ID.test(ref)) throw new FaninError('BAD_PAYLOAD', 'the attachment has no file_id of Telegram');
      try {
        const file = optional(await api.call('getFile', { file_id: ref }, { signal }));
        const path = file?.['file_path'];
        if (typeof path !== 'string') throw new FaninError('BAD_PAYLOAD', 'Telegram holds no bytes for this file_id');
        return await api.download(path, signal);
      } catch (error) {
        throw translate(error);
      }
    },
  };
}
