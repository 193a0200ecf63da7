import { createHash } from 'node:crypto';
import type { SealedState } from '@fanin/connector-kit';
import { codeOf, FaninError, type Clock } from '@fanin/kernel';
import type { FreshTokens } from './client-oauth.js';

/** The tokens by which we act as the account. */
export interface UserTokens {
  /** A token that should work. Throws AUTH when there is none and none can be had. */
  current(signal?: AbortSignal): Promise<string>;
  /** Another one than `refused`, which X did not take. At most one holder in the cluster asks X. */
  renew(refused: string, signal?: AbortSignal): Promise<string>;
}

export interface UserTokensParts {
  readonly sealed: SealedState;
  readonly clock: Clock;
  readonly configured: { readonly accessToken: string | undefined; readonly refreshToken: string | undefined };
  /** Trades the refresh token at X. */
  readonly refresh: (refreshToken: string, signal?: AbortSignal) => Promise<FreshTokens>;
}

/** What is kept sealed. `seed` tells which configured tokens it grew from. */
interface Kept {
  readonly seed: string;
  readonly access_token: string;
  readonly refresh_token: string | null;
  /** Epoch milliseconds; null when X was not asked for it. */
  readonly expires_at: number | null;
}

/** Renewed a little before the end, so that no call starts with a token that ends on the way. */
const EARLY_MS = 60_000;

export function createUserTokens({ sealed, clock, configured, refresh }: UserTokensParts): UserTokens {
  const { accessToken, refreshToken } = configured;
  const seed = createHash('sha256')
    .update(`${refreshToken ?? ''}\n${accessToken ?? ''}`)
    .digest('hex');

  const isFresh = (kept: Kept): boolean => kept.expires_at === null || kept.expires_at - EARLY_MS > clock.now();
  /** Tokens that were configured after the kept ones win over them. */
  const ours = (text: string | null): Kept | undefined => {
    const kept = parsed(text);
    return kept?.seed === seed ? kept : undefined;
  };
  const seeded = (): Kept | undefined =>
    accessToken === undefined
      ? undefined
      : { seed, access_token: accessToken, refresh_token: refreshToken ?? null, expires_at: null };

  async function renew(refused: string | null, signal?: AbortSignal): Promise<string> {
    const text = await sealed.update(async (current) => {
      const kept = ours(current);
      if (kept !== undefined && kept.access_token !== refused && isFresh(kept)) return current ?? '';
      const next = kept === undefined ? refreshToken : (kept.refresh_token ?? undefined);
      if (next === undefined)
        throw new FaninError(
          'AUTH',
          'X does not take the access token, and there is no refresh_token to renew it with',
        );
      const fresh = await refresh(next, signal).catch((error: unknown) => {
        // A database older than the configuration, or another X behind it: the seed may still be good.
        if (codeOf(error) !== 'AUTH' || refreshToken === undefined || refreshToken === next) throw error;
        return refresh(refreshToken, signal);
      });
      const made: Kept = {
        seed,
        access_token: fresh.accessToken,
        refresh_token: fresh.refreshToken ?? next,
        expires_at: clock.now() + fresh.expiresInSeconds * 1000,
      };
      return JSON.stringify(made);
    });
    const kept = ours(text);
    if (kept === undefined) throw new FaninError('BUG', 'the kept tokens cannot be read back');
    return kept.access_token;
  }

  return {
    async current(signal) {
      const kept = ours(await sealed.read()) ?? seeded();
      return kept !== undefined && isFresh(kept) ? kept.access_token : renew(null, signal);
    },
    renew,
  };
}

function parsed(text: string | null): Kept | undefined {
  if (text === null) return undefined;
  try {
    return JSON.parse(text) as Kept;
  } catch {
    return undefined;
  }
}
