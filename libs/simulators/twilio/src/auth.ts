import { basicAuthOf } from '@fanin/simulators/core';
import type { Handler, SimulatorReply, SimulatorRequest } from '@fanin/simulators/core';
import type { TwilioAccount } from './config.js';
import { ApiRefusal, refusalOf, refusalReply } from './errors.js';
import type { TwilioParts } from './parts.js';

export type AccountHandler = (request: SimulatorRequest, account: TwilioAccount) => SimulatorReply;

/**
 * HTTP Basic with the account SID and its auth token, or an API key's SID and secret, for the account in the path;
 * everything else is 401 with code 20003 (twilio.com/docs/api/errors/20003).
 */
function accountOf(parts: TwilioParts, request: SimulatorRequest): TwilioAccount {
  const account = parts.settings.accounts.find((each) => each.account_sid === request.params['account']);
  const given = basicAuthOf(request);
  if (account === undefined || given === undefined) throw refusalOf(401);
  const byToken = given.user === account.account_sid && given.password === account.auth_token;
  const byKey = account.api_keys.some((key) => key.sid === given.user && key.secret === given.password);
  if (!byToken && !byKey) throw refusalOf(401);
  return account;
}

/** Wraps a handler of `/Accounts/:account…`: credentials, the rate limit, and refusals as JSON error bodies. */
export function createGuard(parts: TwilioParts): (handler: AccountHandler) => Handler {
  const seen = new Map<string, { second: number; count: number }>();
  const count = (account: TwilioAccount): void => {
    const second = Math.floor(parts.clock.now() / 1000);
    const entry = seen.get(account.account_sid);
    const next = entry?.second === second ? { second, count: entry.count + 1 } : { second, count: 1 };
    seen.set(account.account_sid, next);
    if (next.count > (account.requests_per_second ?? Infinity)) throw refusalOf(429);
  };
  return (handler) => (request) => {
    try {
      const account = accountOf(parts, request);
      count(account);
      return handler(request, account);
    } catch (error) {
      if (error instanceof ApiRefusal) return refusalReply(error);
      throw error;
    }
  };
}
