import { HttpRefusal, type MediaSource } from '@fanin/connector-kit';
import { FaninError } from '@fanin/kernel';
import type { Detour } from './client-agent.js';
import { fetchFile } from './client-media.js';
import { isMediaHost } from './media-reference.js';
import type { UserTokens } from './tokens.js';

export interface MediaParts {
  readonly detour: Detour | undefined;
  readonly tokens: UserTokens;
}

/** Pictures are at most 15 MB at X; films may be larger, and those that are stay at X. */
const MAX_BYTES = 32 * 1024 * 1024;
const TIMEOUT_MS = 30_000;
/** Where X keeps what was attached to a direct message: message, file, name. Only the two of the conversation may see it. */
const PRIVATE_FILE = /^\/1\.1\/ton\/data\/dm\/(\d{1,20})\/(\d{1,20})\/([\w.-]{1,50})$/;

export function createMediaSource({ detour, tokens }: MediaParts): MediaSource {
  return {
    async fetch({ ref }, { signal }) {
      const url = addressOf(ref, detour);
      const base = { detour, maxBytes: MAX_BYTES, timeoutMs: TIMEOUT_MS, signal };
      const isPrivate = PRIVATE_FILE.exec(url.pathname);
      if (isPrivate === null) return fetchFile(url.href, { ...base, token: undefined });
      // https://docs.x.com/x-api/direct-messages/download-dm-media: the same file, for tokens of OAuth 2.
      const [, message, file, name] = isPrivate;
      const address = `https://api.x.com/2/dm_conversations/media/${message}/${file}/${name}`;
      const token = await tokens.current(signal);
      try {
        return await fetchFile(address, { ...base, token });
      } catch (error) {
        if (!(error instanceof HttpRefusal) || error.status !== 401) throw error;
        return fetchFile(address, { ...base, token: await tokens.renew(token, signal) });
      }
    },
  };
}

function addressOf(ref: string, detour: Detour | undefined): URL {
  if (!URL.canParse(ref)) throw new FaninError('BAD_PAYLOAD', 'the address of a file is no URL');
  const url = new URL(ref);
  const isDetour = detour !== undefined && url.hostname === detour.host && Number(url.port) === detour.port;
  if (url.protocol !== 'https:' || !(isMediaHost(url.hostname) || isDetour))
    throw new FaninError('BAD_PAYLOAD', 'the address of a file does not lead to X');
  return url;
}
