import type { SimulatorReply } from '@fanin/simulators/core';
import { compareIds, isId } from '../world/ids.js';
import { invalidRequest } from './problems.js';

export interface Page<T> {
  items: T[];
  meta: { result_count: number; newest_id?: string; oldest_id?: string; next_token?: string; previous_token?: string };
}

export interface PageRules {
  min: number;
  max: number;
  usual: number;
  /** `newest_id` and `oldest_id` are told for posts, not for direct messages. */
  bounds: boolean;
}

/** A token says beside which item the page lies, so that new items never shift the pages of a walk under way. */
interface Place {
  older?: string;
  newer?: string;
}

export function isRefused<T>(page: Page<T> | SimulatorReply): page is SimulatorReply {
  return 'status' in page;
}

/** `all`: newest first. */
export function pageOf<T extends { id: string; createdAtMs: number }>(
  all: readonly T[],
  query: URLSearchParams,
  rules: PageRules,
): Page<T> | SimulatorReply {
  const size = sizeOf(query, rules);
  if (typeof size !== 'number') return size;
  const token = query.get('pagination_token') ?? query.get('next_token');
  const place = token === null ? {} : placeOf(token);
  if (place === undefined) {
    return invalidRequest(`The \`pagination_token\` query parameter value [${token}] is not valid`, {
      pagination_token: [token ?? ''],
    });
  }
  const wrong = wrongBound(query);
  if (wrong !== undefined) return wrong;
  return cut(
    all.filter((item) => isWithin(item, query)),
    place,
    size,
    rules,
  );
}

function cut<T extends { id: string }>(all: readonly T[], place: Place, size: number, rules: PageRules): Page<T> {
  let items: T[];
  if (place.newer !== undefined) {
    const newer = all.filter((item) => compareIds(item.id, place.newer ?? '') > 0);
    items = newer.slice(Math.max(0, newer.length - size));
  } else {
    items = all.filter((item) => place.older === undefined || compareIds(item.id, place.older) < 0).slice(0, size);
  }
  const [first, last] = [items[0], items[items.length - 1]];
  const isMore = last !== undefined && all[all.length - 1] !== last;
  const isBefore = first !== undefined && all[0] !== first;
  return {
    items,
    meta: {
      result_count: items.length,
      ...(rules.bounds && first !== undefined && last !== undefined ? { newest_id: first.id, oldest_id: last.id } : {}),
      ...(isMore ? { next_token: tokenOf({ older: last.id }) } : {}),
      ...(isBefore ? { previous_token: tokenOf({ newer: first.id }) } : {}),
    },
  };
}

function sizeOf(query: URLSearchParams, rules: PageRules): number | SimulatorReply {
  const given = query.get('max_results');
  if (given === null) return rules.usual;
  const size = Number(given);
  if (Number.isInteger(size) && size >= rules.min && size <= rules.max) return size;
  return invalidRequest(
    `The \`max_results\` query parameter value [${given}] is not between ${rules.min} and ${rules.max}`,
    { max_results: [given] },
  );
}

function wrongBound(query: URLSearchParams): SimulatorReply | undefined {
  for (const name of ['since_id', 'until_id']) {
    const value = query.get(name);
    if (value !== null && !isId(value)) {
      return invalidRequest(`The \`${name}\` query parameter value [${value}] is not valid`, { [name]: [value] });
    }
  }
  for (const name of ['start_time', 'end_time']) {
    const value = query.get(name);
    if (value !== null && Number.isNaN(Date.parse(value))) {
      return invalidRequest(`The \`${name}\` query parameter value [${value}] is not a valid date`, {
        [name]: [value],
      });
    }
  }
  return undefined;
}

/** Both ids are excluded (docs.x.com, user-mention timeline): a bound need not exist, so a deleted post's id holds. */
function isWithin(item: { id: string; createdAtMs: number }, query: URLSearchParams): boolean {
  const [since, until] = [query.get('since_id'), query.get('until_id')];
  const [start, end] = [query.get('start_time'), query.get('end_time')];
  return (
    (since === null || compareIds(item.id, since) > 0) &&
    (until === null || compareIds(item.id, until) < 0) &&
    (start === null || item.createdAtMs >= Date.parse(start)) &&
    (end === null || item.createdAtMs <= Date.parse(end))
  );
}

function tokenOf(place: Place): string {
  return Buffer.from(JSON.stringify(place)).toString('hex');
}

function placeOf(token: string): Place | undefined {
  try {
    const place = JSON.parse(Buffer.from(token, 'hex').toString('utf8')) as Place;
    return isId(place.older) || isId(place.newer) ? place : undefined;
  } catch {
    return undefined;
  }
}
