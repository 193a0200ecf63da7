import { ProblemException } from '../http/problem.js';
import type { AuthenticatedRequest } from './decorators.js';

const SAFE = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * A write that is authenticated by the cookie must come from our own pages. SameSite=Strict already keeps the cookie from
 * other sites, but not from other ports and sibling hosts of the same site; browsers name the origin in Sec-Fetch-Site
 * (Fetch Metadata) or, older ones, in Origin. A request that names neither does not come from a page and needs a key.
 */
export function refuseForeignWrite(request: AuthenticatedRequest): void {
  if (SAFE.has(request.method)) return;
  const site = request.headers['sec-fetch-site'];
  if (site === 'same-origin') return;
  const origin = request.headers['origin'];
  const host = request.headers['host'];
  if (site === undefined && typeof origin === 'string' && hostOf(origin) === host) return;
  throw new ProblemException(
    403,
    'cross_site',
    'This request does not come from a page of Fanin',
    'Use an API key for requests from elsewhere.',
  );
}

function hostOf(origin: string): string | undefined {
  try {
    return new URL(origin).host;
  } catch {
    return undefined;
  }
}
