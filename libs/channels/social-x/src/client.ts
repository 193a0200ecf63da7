import { TwitterApi } from 'twitter-api-v2';
import type { Clock } from '@fanin/kernel';
import { withAgent, type Detour } from './client-agent.js';
import { toFaninError, waitOf, XFailure } from './errors.js';
import type { UserTokens } from './tokens.js';

export interface XCall {
  readonly method: 'GET' | 'POST' | 'PUT';
  /** Below https://api.x.com, e.g. `/2/users/me`. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string | undefined>>;
  readonly body?: Readonly<Record<string, unknown>>;
  /** `user`: with the token of the account. `app`: with the bearer token of the app. */
  readonly as: 'user' | 'app';
  readonly signal?: AbortSignal | undefined;
}

/** The calls to X. Throws FaninError, XFailure where X was asked. */
export interface XClient {
  call(call: XCall): Promise<unknown>;
}

export interface XClientParts {
  readonly clock: Clock;
  readonly detour: Detour | undefined;
  readonly tokens: UserTokens;
  readonly bearerToken: string | undefined;
  readonly usageCapPauseMs: number;
}

const ORIGIN = 'https://api.x.com';
/** X takes seconds when it is busy; the host gives a reply about 20 s. */
const TIMEOUT_MS = 10_000;

export function createXClient(parts: XClientParts): XClient {
  async function attempt(call: XCall, token: string): Promise<unknown> {
    try {
      return await withAgent(parts.detour, call.signal, (agent) =>
        ask(new TwitterApi(token, { httpAgent: agent }), call),
      );
    } catch (error) {
      const failure = toFaninError(error);
      if (failure.code !== 'RATE_LIMITED' || !(failure instanceof XFailure)) throw failure;
      const retryAfterMs = failure.usageCapped ? parts.usageCapPauseMs : waitOf(error, parts.clock.now());
      throw new XFailure('RATE_LIMITED', failure.message, { ...failure, retryAfterMs });
    }
  }

  return {
    async call(call) {
      if (call.as === 'app') return attempt(call, parts.bearerToken ?? '');
      const token = await parts.tokens.current(call.signal);
      try {
        return await attempt(call, token);
      } catch (error) {
        // A token that ran out or was replaced elsewhere; X has done nothing, so the call may be made again.
        if (!(error instanceof XFailure) || error.status !== 401) throw error;
        return attempt(call, await parts.tokens.renew(token, call.signal));
      }
    },
  };
}

async function ask(api: TwitterApi, { method, path, query = {}, body }: XCall): Promise<unknown> {
  const set = Object.entries(query).filter((entry): entry is [string, string] => entry[1] !== undefined);
  const url = `${ORIGIN}${path}`;
  if (method === 'GET') return api.get(url, Object.fromEntries(set), { timeout: TIMEOUT_MS });
  const options = { timeout: TIMEOUT_MS, query: Object.fromEntries(set), forceBodyMode: 'json' } as const;
  return method === 'POST' ? api.post(url, { ...body }, options) : api.put(url, { ...body }, options);
}
