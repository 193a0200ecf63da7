import { fetchGuarded, HttpRefusal, type FetchedMedia, type MediaSource } from '@fanin/connector-kit';
import { FaninError } from '@fanin/kernel';
import { fetched, guarded, read, readRef, textAt, type MediaOptions } from '@fanin/meta';

export interface WhatsappMediaOptions extends MediaOptions {
  readonly accessToken: string;
  readonly phoneNumberId: string;
}

/** The address of media lives for five minutes: it is asked for anew at each fetch, and once more when it has just ended. */
export function createMedia(options: WhatsappMediaOptions): MediaSource {
  return {
    fetch: async ({ ref }, { signal }) => {
      const media = readRef(ref);
      if (media?.kind !== 'media') throw new FaninError('BAD_PAYLOAD', 'the attachment is no media id of WhatsApp');
      for (let again = true; ; again = false) {
        try {
          return await download(options, media.id, signal);
        } catch (error) {
          if (!(error instanceof HttpRefusal) || error.status !== 404) throw error;
          if (!again) throw new FaninError('BAD_PAYLOAD', 'gone: WhatsApp has no file under this id', { cause: error });
        }
      }
    },
  };
}

async function download(options: WhatsappMediaOptions, id: string, signal: AbortSignal): Promise<FetchedMedia> {
  const { graph, accessToken, phoneNumberId } = options;
  const media = await read(graph, encodeURIComponent(id), { phone_number_id: phoneNumberId }, signal);
  const url = textAt(media, 'url');
  if (url === undefined) throw new FaninError('BAD_PAYLOAD', 'gone: WhatsApp gives no address for this id');
  const answer = await fetchGuarded(url, { ...guarded(options, signal), authorization: `Bearer ${accessToken}` });
  return fetched(answer);
}
