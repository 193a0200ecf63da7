import { TwitterApi } from 'twitter-api-v2';
import { FaninError } from '@fanin/kernel';
import { withAgent, type Detour } from './client-agent.js';
import { toFaninError, XFailure } from './errors.js';

export interface FreshTokens {
  readonly accessToken: string;
  readonly refreshToken: string | undefined;
  readonly expiresInSeconds: number;
}

export interface OAuthApp {
  readonly clientId: string;
  readonly clientSecret: string;
  readonly detour: Detour | undefined;
}

/** Trades a refresh token for new tokens; X takes each refresh token once. Throws AUTH when it does not take this one. */
export async function refreshTokens(app: OAuthApp, refreshToken: string, signal?: AbortSignal): Promise<FreshTokens> {
  const { clientId, clientSecret, detour } = app;
  try {
    return await withAgent(detour, signal, async (agent) => {
      const api = new TwitterApi({ clientId, clientSecret }, { httpAgent: agent });
      const fresh = await api.refreshOAuth2Token(refreshToken);
      const { accessToken, refreshToken: next, expiresIn } = fresh;
      return { accessToken, refreshToken: next, expiresInSeconds: expiresIn };
    });
  } catch (error) {
    const failure = toFaninError(error);
    if (!(failure instanceof XFailure) || failure.status === undefined || failure.code === 'RATE_LIMITED')
      throw failure;
    // RFC 6749 §5.2: 400 invalid_grant or invalid_request for the token, 401 invalid_client for the app.
    if (failure.status < 400 || failure.status > 403) throw failure;
    throw new FaninError(
      'AUTH',
      'X does not take the refresh token any more (used, revoked or of another app): authorise the app again and put the new refresh_token into the configuration',
    );
  }
}
