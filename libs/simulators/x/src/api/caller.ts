import { bearerTokenOf } from '@fanin/simulators/core';
import type { SimulatorRequest } from '@fanin/simulators/core';
import type { Person } from '../world/people.js';
import type { XWorld } from '../world/world.js';
import { isSigned, oauth1Parameters } from './oauth1.js';

export type AuthKind = 'app' | 'oauth1' | 'oauth2';

/** As X names them in its refusals. */
export const AUTH_NAMES: Record<AuthKind, string> = {
  app: 'OAuth 2.0 Application-Only',
  oauth1: 'OAuth 1.0a User Context',
  oauth2: 'OAuth 2.0 User Context',
};

/** Who calls: the app for itself, or for a user. */
export interface Caller {
  kind: AuthKind;
  user?: Person;
}

export type Authenticate = (request: SimulatorRequest) => Caller | undefined;

/** Undefined: no credentials, or none that hold. */
export function createAuthenticate(world: XWorld): Authenticate {
  const nonces = new Set<string>();
  const userCaller = (kind: AuthKind, accountId: string | undefined): Caller | undefined => {
    const user = accountId === undefined ? undefined : world.people.byId(accountId);
    return user === undefined ? undefined : { kind, user };
  };
  return (request) => {
    const bearer = bearerTokenOf(request);
    if (bearer !== undefined) {
      return bearer === world.app.bearerToken ? { kind: 'app' } : userCaller('oauth2', world.tokens.bearer(bearer));
    }
    const oauth = oauth1Parameters(request.headers.authorization);
    const token = world.tokens.oauth1(oauth?.get('oauth_token') ?? '');
    if (oauth === undefined || token === undefined || oauth.get('oauth_consumer_key') !== world.app.consumerKey) {
      return undefined;
    }
    if (!isSigned(request, oauth, { consumer: world.app.consumerSecret, token: token.secret })) return undefined;
    // RFC 5849 §3.3: a nonce is used once with its timestamp. Clocks are not compared: the simulator's may be a test's.
    const once = `${oauth.get('oauth_timestamp')}:${oauth.get('oauth_nonce')}`;
    if (nonces.has(once)) return undefined;
    nonces.add(once);
    return userCaller('oauth1', token.accountId);
  };
}
