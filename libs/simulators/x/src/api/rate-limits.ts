import type { SimulatorClock } from '@fanin/simulators/core';
import type { XSettings } from '../settings.js';
import type { Caller } from './caller.js';

interface Window {
  limit: number;
  ms: number;
}

interface Limits {
  app?: readonly Window[];
  user?: readonly Window[];
}

const QUARTER_MS = 900_000;
const DAY_MS = 86_400_000;
const perQuarter = (limit: number): Window => ({ limit, ms: QUARTER_MS });
const perDay = (limit: number): Window => ({ limit, ms: DAY_MS });
const both = (app: number, user: number): Limits => ({ app: [perQuarter(app)], user: [perQuarter(user)] });
const userOnly = (limit: number): Limits => ({ user: [perQuarter(limit)] });
const appOnly = (limit: number): Limits => ({ app: [perQuarter(limit)] });
const directMessage: Limits = { user: [perQuarter(15), perDay(1440)] };

/** docs.x.com/x-api/fundamentals/rate-limits. Calls that are not listed there have no limit here. */
export const RATE_LIMITS: Record<string, Limits> = {
  'GET /2/tweets': both(3500, 5000),
  'GET /2/tweets/:id': both(450, 900),
  'POST /2/tweets': { app: [perDay(10_000)], user: [perQuarter(100)] },
  'DELETE /2/tweets/:id': userOnly(50),
  'GET /2/users/:id/tweets': both(10_000, 900),
  'GET /2/users/:id/mentions': both(450, 300),
  'GET /2/users/me': userOnly(75),
  'GET /2/users/:id': both(300, 900),
  'GET /2/users/by/username/:username': both(300, 900),
  'GET /2/dm_events': userOnly(15),
  'GET /2/dm_events/:id': userOnly(15),
  'GET /2/dm_conversations/:dm_conversation_id/dm_events': userOnly(15),
  'GET /2/dm_conversations/with/:participant_id/dm_events': userOnly(15),
  'POST /2/dm_conversations/with/:participant_id/messages': directMessage,
  'POST /2/dm_conversations/:dm_conversation_id/messages': directMessage,
  'POST /2/webhooks': appOnly(450),
  'GET /2/webhooks': appOnly(450),
  'PUT /2/webhooks/:id': appOnly(450),
  'DELETE /2/webhooks/:id': appOnly(450),
  'POST /2/webhooks/replay': appOnly(100),
};

export interface RateVerdict {
  headers: Record<string, string>;
  exceeded: boolean;
}

interface Count {
  used: number;
  resetMs: number;
}

/** Fixed windows that begin with the first call. */
export class RateLimiter {
  private readonly counts = new Map<string, Count>();

  constructor(
    private readonly clock: SimulatorClock,
    private readonly settings: XSettings,
  ) {}

  /** Counts a call; one over the limit is not counted. */
  take(endpoint: string, caller: Caller): RateVerdict {
    const windows = this.windowsOf(endpoint, caller);
    const counts = windows.map((window) =>
      this.countOf(`${endpoint} ${caller.user?.id ?? 'app'} ${window.ms}`, window),
    );
    const exceeded = windows.some((window, index) => (counts[index]?.used ?? 0) >= window.limit);
    const headers: Record<string, string> = {};
    windows.forEach((window, index) => {
      const count = counts[index];
      if (count === undefined) return;
      if (!exceeded) count.used += 1;
      Object.assign(
        headers,
        rateHeaders(prefixOf(window, caller), window.limit, window.limit - count.used, count.resetMs),
      );
    });
    return { headers, exceeded };
  }

  /** The headers of a limit that is used up, without one having been. */
  usedUp(endpoint: string | undefined, forMs: number | undefined): Record<string, string> {
    const windows = (endpoint && (RATE_LIMITS[endpoint]?.user ?? RATE_LIMITS[endpoint]?.app)) || [perQuarter(300)];
    const window = windows[0] ?? perQuarter(300);
    return rateHeaders('x-rate-limit', window.limit, 0, this.clock.now() + (forMs ?? window.ms));
  }

  clear(): void {
    this.counts.clear();
  }

  private windowsOf(endpoint: string, caller: Caller): readonly Window[] {
    const limits = RATE_LIMITS[endpoint];
    const set = this.settings.rate_limits[endpoint];
    const documented = (caller.user === undefined ? limits?.app : limits?.user) ?? [];
    return set === undefined
      ? documented
      : [perQuarter(set), ...documented.filter((window) => window.ms !== QUARTER_MS)];
  }

  private countOf(key: string, window: Window): Count {
    const now = this.clock.now();
    const found = this.counts.get(key);
    if (found !== undefined && found.resetMs > now) return found;
    const fresh = { used: 0, resetMs: now + window.ms };
    this.counts.set(key, fresh);
    return fresh;
  }
}

/** The names of the 24-hour headers are those that twitter-api-v2 reads. */
function prefixOf(window: Window, caller: Caller): string {
  if (window.ms !== DAY_MS) return 'x-rate-limit';
  return caller.user === undefined ? 'x-app-limit-24hour' : 'x-user-limit-24hour';
}

/** The reset is told in whole seconds of the epoch; there is no Retry-After. */
function rateHeaders(prefix: string, limit: number, remaining: number, resetMs: number): Record<string, string> {
  return {
    [`${prefix}-limit`]: String(limit),
    [`${prefix}-remaining`]: String(Math.max(0, remaining)),
    [`${prefix}-reset`]: String(Math.ceil(resetMs / 1000)),
  };
}
