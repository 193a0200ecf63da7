import type { SeededRandom, SimulatorClock } from '@fanin/simulators/core';
import type { XAccountSeed } from '../options.js';
import type { XSettings } from '../settings.js';

export interface UserTokens {
  accessToken: string;
  refreshToken: string;
  oauthToken: string;
  oauthTokenSecret: string;
}

interface Access {
  accountId: string;
  expiresAtMs: number;
}

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

/** Who may act for which account. Refresh tokens are good for one use. */
export class TokenStore {
  private readonly access = new Map<string, Access>();
  private readonly refresh = new Map<string, string>();
  private readonly latest = new Map<string, UserTokens>();
  private readonly withdrawn = new Set<string>();

  constructor(
    private readonly clock: SimulatorClock,
    private readonly random: SeededRandom,
    private readonly settings: XSettings,
  ) {}

  seed(accountId: string, seed: XAccountSeed): void {
    this.store(accountId, {
      accessToken: seed.accessToken ?? this.made('at'),
      refreshToken: seed.refreshToken ?? this.made('rt'),
      oauthToken: seed.oauthToken ?? `${accountId}-${this.random.text(40, ALPHABET)}`,
      oauthTokenSecret: seed.oauthTokenSecret ?? this.random.text(45, ALPHABET),
    });
  }

  /** The newest tokens of an account, good or not. */
  of(accountId: string): UserTokens {
    const tokens = this.latest.get(accountId);
    if (tokens === undefined) throw new Error(`no tokens for ${accountId}`);
    return { ...tokens };
  }

  /** Whose access token it is; undefined when it is unknown, expired or withdrawn. */
  bearer(token: string): string | undefined {
    const found = this.access.get(token);
    return found === undefined || found.expiresAtMs <= this.clock.now() ? undefined : found.accountId;
  }

  /** OAuth 1.0a tokens never expire; they can be withdrawn. */
  oauth1(token: string): { accountId: string; secret: string } | undefined {
    for (const [accountId, tokens] of this.latest) {
      if (tokens.oauthToken === token && !this.withdrawn.has(accountId)) {
        return { accountId, secret: tokens.oauthTokenSecret };
      }
    }
    return undefined;
  }

  /** Both tokens anew; undefined for a refresh token that was used, withdrawn or never given. */
  exchange(refreshToken: string): UserTokens | undefined {
    const accountId = this.refresh.get(refreshToken);
    if (accountId === undefined) return undefined;
    this.refresh.delete(refreshToken);
    return this.store(accountId, {
      ...this.of(accountId),
      accessToken: this.made('at'),
      refreshToken: this.made('rt'),
    });
  }

  /** One token, either kind (POST /2/oauth2/revoke). */
  invalidate(token: string): void {
    this.access.delete(token);
    this.refresh.delete(token);
  }

  /** The user takes the app's authorisation away: every token of the account dies. */
  withdraw(accountId: string): void {
    this.withdrawn.add(accountId);
    for (const [token, access] of [...this.access]) if (access.accountId === accountId) this.access.delete(token);
    for (const [token, owner] of [...this.refresh]) if (owner === accountId) this.refresh.delete(token);
  }

  /** The user authorises the app again: new OAuth 2.0 tokens; those of OAuth 1.0a are the same as before. */
  authorise(accountId: string): UserTokens {
    this.withdrawn.delete(accountId);
    return this.store(accountId, {
      ...this.of(accountId),
      accessToken: this.made('at'),
      refreshToken: this.made('rt'),
    });
  }

  /** Access tokens die of age; refresh tokens stay good. */
  expire(accountId: string): void {
    for (const access of this.access.values())
      if (access.accountId === accountId) access.expiresAtMs = this.clock.now();
  }

  private store(accountId: string, tokens: UserTokens): UserTokens {
    this.latest.set(accountId, tokens);
    this.access.set(tokens.accessToken, { accountId, expiresAtMs: this.clock.now() + this.settings.token_ttl_ms });
    this.refresh.set(tokens.refreshToken, accountId);
    return { ...tokens };
  }

  private made(kind: 'at' | 'rt'): string {
    return Buffer.from(`${this.random.text(43, ALPHABET)}:${this.clock.now()}:1:0:${kind}:1`).toString('base64url');
  }
}
