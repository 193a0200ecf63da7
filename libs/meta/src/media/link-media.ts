import {
  fetchGuarded,
  HttpRefusal,
  type FetchedMedia,
  type GuardedRequest,
  type MediaSource,
} from '@fanin/connector-kit';
import { FaninError } from '@fanin/kernel';
import { graphFault } from '../graph/errors.js';
import type { GraphClient } from '../graph/graph-client.js';
import { objectAt, objectsAt, textAt } from '../wire/json.js';
import { readRef } from './ref.js';

export interface MediaOptions {
  readonly graph: GraphClient;
  /** Origins that the configuration leads to and that may be private. */
  readonly trustedOrigins: readonly string[];
  readonly maxBytes: number;
}

const TIMEOUT_MS = 30_000;
/** Meta's file servers answer with these when a link has ended. */
const ENDED = new Set([400, 403, 404, 410]);

export function guarded(options: MediaOptions, signal: AbortSignal): GuardedRequest {
  const { trustedOrigins, maxBytes } = options;
  return { trustedOrigins, maxBytes, timeoutMs: TIMEOUT_MS, signal };
}

export function fetched({ content, contentType }: Awaited<ReturnType<typeof fetchGuarded>>): FetchedMedia {
  return contentType === undefined ? { content } : { content, contentType };
}

/** Files of Messenger and Instagram: by the link of the delivery, and by a new one of the message when that has ended. */
export function createLinkMedia(options: MediaOptions): MediaSource {
  return {
    fetch: async ({ ref }, { signal }) => {
      const link = readRef(ref);
      if (link?.kind !== 'link') throw new FaninError('BAD_PAYLOAD', 'the attachment has no link');
      try {
        return fetched(await fetchGuarded(link.url, guarded(options, signal)));
      } catch (error) {
        if (!(error instanceof HttpRefusal) || !ENDED.has(error.status)) throw error;
      }
      const fresh = await freshLink(options.graph, link.mid, link.index, signal);
      if (fresh === undefined || fresh === link.url) throw gone();
      try {
        return fetched(await fetchGuarded(fresh, guarded(options, signal)));
      } catch (error) {
        throw error instanceof HttpRefusal && ENDED.has(error.status) ? gone() : error;
      }
    },
  };
}

function gone(): FaninError {
  return new FaninError('BAD_PAYLOAD', 'gone: the link has ended and the message has no other');
}

/** GET /{message-id}?fields=attachments: links made anew. Stories and unsent messages have none. */
async function freshLink(
  graph: GraphClient,
  mid: string,
  index: number,
  signal: AbortSignal,
): Promise<string | undefined> {
  try {
    const message = await graph.get(encodeURIComponent(mid), { fields: 'attachments' }, signal);
    const attachment = objectsAt(objectAt(message, 'attachments'), 'data')[index];
    const places = [objectAt(attachment, 'image_data'), objectAt(attachment, 'video_data')].map((data) =>
      textAt(data, 'url'),
    );
    return [...places, textAt(attachment, 'file_url')].find((url) => url !== undefined);
  } catch (error) {
    const fault = graphFault(error);
    if (fault.code === 'BAD_PAYLOAD' || fault.code === 'UNSUPPORTED') return undefined;
    throw fault;
  }
}
