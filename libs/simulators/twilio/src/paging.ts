import { jsonReply } from '@fanin/simulators/core';
import type { SimulatorReply, SimulatorRequest } from '@fanin/simulators/core';
import { badRequest } from './errors.js';

const DEFAULT_PAGE = 50;
const LARGEST_PAGE = 1000;

/**
 * One page of a list, newest first. The next page starts after the last entry of this one (its SID is in `PageToken`),
 * so that entries which arrive while a client pages shift nothing.
 */
export function pageReply<T extends { sid: string }>(
  request: SimulatorRequest,
  key: string,
  newestFirst: readonly T[],
  resource: (entry: T) => object,
): SimulatorReply {
  const size = sizeOf(request.query.get('PageSize'));
  const page = Number(request.query.get('Page') ?? '0');
  const token = request.query.get('PageToken')?.replace(/^PA/, '');
  const start = token === undefined ? page * size : newestFirst.findIndex((entry) => entry.sid === token) + 1;
  const entries = newestFirst.slice(start, start + size);
  const last = entries.at(-1);
  const more = last !== undefined && start + size < newestFirst.length;
  const path = request.path.replace(/^\/[^/]+/, '');
  const uriOf = (query: Record<string, string>): string => `${path}?${withQuery(request.query, query)}`;
  return jsonReply(200, {
    first_page_uri: uriOf({ PageSize: `${size}`, Page: '0' }),
    end: start + Math.max(0, entries.length - 1),
    previous_page_uri: null,
    [key]: entries.map(resource),
    uri: `${path}${request.query.size > 0 ? `?${request.query.toString()}` : ''}`,
    page_size: size,
    start,
    next_page_uri: more ? uriOf({ PageSize: `${size}`, Page: `${page + 1}`, PageToken: `PA${last.sid}` }) : null,
    page,
  });
}

function sizeOf(value: string | null): number {
  if (value === null) return DEFAULT_PAGE;
  const size = Number(value);
  if (!Number.isInteger(size) || size < 1) throw badRequest(20001, `PageSize must be at least 1, not ${value}`);
  return Math.min(size, LARGEST_PAGE);
}

function withQuery(query: URLSearchParams, changes: Record<string, string>): string {
  const next = new URLSearchParams(query);
  for (const [name, value] of Object.entries(changes)) next.set(name, value);
  return next.toString();
}
