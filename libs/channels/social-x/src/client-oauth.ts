import type { Agent } from 'node:https';
import { TwitterApi } from 'twitter-api-v2';
import { cutByAny, FaninError } from '@fanin/kernel';
import { withAgent, type Detour } from './client-agent.js';
import { toFaninError, XFailure } from './errors.js';

export interface FreshTokens {
  readonly accessToken: string;
  readonly refreshToken: string | undefined;
  readonly expiresInSeconds: number;
}

/** The host gives the whole change 15 s. */
const TIMEOUT_MS = 10_000;

export interface OAuthApp {
  readonly clientId: string;
  readonly clientSecret: string;
  readonly detour: Detour | undefined;
}

/** Trades a refresh token for new tokens; X takes each refresh token once. Throws AUTH when it does not take this one. */
export async function refreshTokens(app: OAuthApp, refreshToken: string, signal?: AbortSignal): Promise<FreshTokens> {
  const { clientId, clientSecret, detour } = app;
  const late = AbortSignal.timeout(TIMEOUT_MS);
  const trade = async (agent: Agent): Promise<FreshTokens> => {
    const api = new TwitterApi({ clientId, clientSecret }, { httpAgent: agent });
    const fresh = await api.refreshOAuth2Token(refreshToken);
    return { accessToken: fresh.accessToken, refreshToken: fresh.refreshToken, expiresInSeconds: fresh.expiresIn };
  };
  try {
    return await cutByAny(signal === undefined ? [late] : [signal, late], (cut) => withAgent(detour, cut, trade));
  } catch (error) {
    const failure = toFaninError(error);
    if (!(failure instanceof XFailure) || failure.code === 'RATE_LIMITED' || failure.code === 'CONFIG') throw failure;
    // Not the failure itself: whoever sends a reply must not take it for one of the sending.
    if (failure.status === undefined || failure.status >= 500) throw new FaninError('TRANSIENT', failure.message);
    // RFC 6749 §5.2: 400 invalid_grant or invalid_request for the token, 401 invalid_client for the app.
    if (failure.status > 403) throw new FaninError('TRANSIENT', failure.message);
    throw new FaninError(
      'AUTH',
      'X does not take the refresh token any more (used, revoked or of another app): authorise the app again and put the new refresh_token into the configuration',
    );
  }
}
