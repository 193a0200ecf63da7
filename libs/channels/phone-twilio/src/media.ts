import {
  fetchGuarded,
  HttpRefusal,
  type FetchedMedia,
  type GuardedRequest,
  type MediaSource,
} from '@fanin/connector-kit';
import { FaninError, type Clock } from '@fanin/kernel';
import { createRewrite, credentialsOf, type TwilioClient } from './client.js';
import type { Config } from './config.js';
import { toFaninError } from './errors.js';
import { resourceOf } from './media-refs.js';

const MOST_BYTES = 100 * 1024 * 1024;
const TIMEOUT_MS = 60_000;
/** A file can be missing for a moment after its message came. */
const WAITS_MS = [300, 700, 1500];

/** Files of messages, and recordings: with the account's credentials, which a redirect never sees. */
export function createMedia(config: Config, client: TwilioClient, clock: Clock): MediaSource {
  const rewrite = createRewrite(config.api_url);
  const base: Omit<GuardedRequest, 'authorization' | 'signal'> = {
    maxBytes: MOST_BYTES,
    timeoutMs: TIMEOUT_MS,
    rewrite: (url) => new URL(rewrite(url.href)),
    ...(config.api_url === undefined ? {} : { trustedOrigins: [new URL(config.api_url).origin] }),
  };
  const authorizations = credentialsOf(config).map(
    ({ user, password }) => `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`,
  );

  async function fetchOnce(ref: string, signal: AbortSignal): Promise<FetchedMedia> {
    let refused: unknown;
    for (const authorization of authorizations) {
      try {
        const { content, contentType } = await fetchGuarded(ref, { ...base, authorization, signal });
        return { content, ...(contentType === undefined ? {} : { contentType }) };
      } catch (error) {
        if (!(error instanceof HttpRefusal && error.status === 401)) throw error;
        refused = error;
      }
    }
    throw refused;
  }

  return {
    fetch: async ({ ref }, { signal }) => {
      const resource = resourceOf(ref);
      if (resource === undefined) throw new FaninError('BAD_PAYLOAD', 'the file lies at no address of Twilio');
      for (const wait of [...WAITS_MS, null]) {
        try {
          return await fetchOnce(ref, signal);
        } catch (error) {
          if (!(error instanceof HttpRefusal && error.status === 404)) throw error;
          if (wait === null || signal.aborted) break;
          await clock.sleep(wait, signal);
        }
      }
      if (await exists(resource, client, signal))
        throw new FaninError('TRANSIENT', 'Twilio has the file but does not hand it out yet');
      throw new FaninError('BAD_PAYLOAD', 'Twilio no longer has the file');
    },
  };
}

/** Tells a file that is not ready from one that is gone: the former is on Twilio's lists. */
async function exists(
  resource: NonNullable<ReturnType<typeof resourceOf>>,
  client: TwilioClient,
  signal: AbortSignal,
): Promise<boolean> {
  try {
    if (resource.kind === 'recording') {
      const { status } = await client.get(resource.uri, {}, signal);
      return status !== 'failed' && status !== 'absent' && status !== 'deleted';
    }
    const { media_list: media } = await client.get(resource.list, {}, signal);
    return Array.isArray(media) && media.some((each: { sid?: unknown } | null) => each?.sid === resource.sid);
  } catch (error) {
    if ((error as { status?: unknown }).status === 404) return false;
    throw toFaninError(error);
  }
}
