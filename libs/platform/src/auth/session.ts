import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { Clock } from '@fanin/kernel';

/** What the operator's cookie says. It is signed, not encrypted, and kept nowhere: every service that has the secret accepts it. */
export interface Session {
  /** Tenant chosen last; '*' for all. */
  readonly tenant: string;
  /** Epoch milliseconds. */
  readonly expiresAt: number;
}

export interface Sessions {
  /** Whether `token` is the operator's. Constant time; false when none is configured. */
  mayEnter(token: string): boolean;
  /** Value of a Set-Cookie header. */
  cookieFor(tenant: string): string;
  /** From a Cookie header; null when there is none, it was not signed by us, or it is over. */
  read(cookieHeader: string | undefined): Session | null;
}

export interface SessionOptions {
  readonly secret: string;
  readonly operatorToken: string | undefined;
  /** Set when people come by https: the cookie is then never sent without. */
  readonly secure: boolean;
  readonly clock: Clock;
  /** How long a login lasts (default 30 days). */
  readonly lifetimeMs?: number;
}

export const SESSION_COOKIE = 'fanin_session';
const MONTH_MS = 30 * 86_400_000;

/** ASVS 11.2.4: equal length before comparing, so that neither length nor content shows in the time taken. */
function equal(a: string, b: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(a), digest(b));
}

export function createSessions(options: SessionOptions): Sessions {
  const lifetimeMs = options.lifetimeMs ?? MONTH_MS;
  // The operator token is part of the key: changing it ends every session.
  const key = `${options.secret}\n${options.operatorToken ?? ''}`;
  const sign = (payload: string): string =>
    createHmac('sha256', key).update(`session.v1.${payload}`).digest('base64url');

  return {
    mayEnter: (token) => options.operatorToken !== undefined && equal(token, options.operatorToken),

    cookieFor(tenant) {
      const session: Session = { tenant, expiresAt: options.clock.now() + lifetimeMs };
      const payload = Buffer.from(JSON.stringify(session)).toString('base64url');
      const flags = `Path=/; HttpOnly; SameSite=Strict; Max-Age=${Math.floor(lifetimeMs / 1000)}`;
      return `${SESSION_COOKIE}=${payload}.${sign(payload)}; ${flags}${options.secure ? '; Secure' : ''}`;
    },

    read(cookieHeader) {
      const value = cookieNamed(cookieHeader, SESSION_COOKIE);
      if (value === undefined || options.operatorToken === undefined) return null;
      const [payload = '', signature = ''] = value.split('.');
      if (!equal(signature, sign(payload))) return null;
      const session = JSON.parse(Buffer.from(payload, 'base64url').toString('utf8')) as Session;
      return session.expiresAt > options.clock.now() ? session : null;
    },
  };
}

function cookieNamed(header: string | undefined, name: string): string | undefined {
  for (const part of (header ?? '').split(';')) {
    const at = part.indexOf('=');
    if (at > 0 && part.slice(0, at).trim() === name) return part.slice(at + 1).trim();
  }
  return undefined;
}

/** Injection token of the sessions. */
export const SESSIONS = Symbol('Sessions');
