import type { Page } from './types.js';

/** Why a call gave no answer. `status` 0: nobody answered. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    title: string,
    readonly detail: string | undefined,
  ) {
    super(title);
  }

  /** The caller cannot know whether the request was carried out. */
  get isUncertain(): boolean {
    return this.status === 0 || this.status >= 500;
  }
}

export type Query = Readonly<Record<string, string | number | null | undefined>>;

const TIMEOUT_MS = 20_000;

export function getJson<T>(path: string, query: Query = {}): Promise<T> {
  return call<T>(path + queryString(query), { method: 'GET' });
}

export function sendJson<T>(
  method: 'POST' | 'PATCH',
  path: string,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): Promise<T> {
  return call<T>(path, {
    method,
    body: JSON.stringify(body),
    headers: { 'content-type': 'application/json', ...headers },
  });
}

/** All pages of a list, at most `maxPages`. `isWhole` is false when there was more. */
export async function getPages<T>(
  path: string,
  query: Query,
  maxPages: number,
): Promise<{ readonly rows: readonly T[]; readonly next: string | null }> {
  const rows: T[] = [];
  let cursor = typeof query['cursor'] === 'string' ? query['cursor'] : null;
  for (let page = 0; page < maxPages; page += 1) {
    const answer = await getJson<Page<T>>(path, { ...query, limit: 200, cursor });
    rows.push(...answer.data);
    cursor = answer.next_cursor;
    if (cursor === null) break;
  }
  return { rows, next: cursor };
}

export function queryString(query: Query): string {
  const wanted = Object.entries(query).flatMap(([name, value]) =>
    value === null || value === undefined || value === '' ? [] : [[name, String(value)]],
  );
  return wanted.length === 0 ? '' : `?${new URLSearchParams(wanted).toString()}`;
}

async function call<T>(path: string, init: RequestInit): Promise<T> {
  let answer: Response;
  try {
    answer = await fetch(path, {
      ...init,
      headers: { accept: 'application/json', ...(init.headers as Record<string, string> | undefined) },
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
  } catch {
    throw new ApiError(0, 'Fanin does not answer', 'Is it running?');
  }
  const body: unknown = await answer.json().catch(() => undefined);
  if (answer.ok) return body as T;
  const problem = (typeof body === 'object' && body !== null ? body : {}) as { title?: string; detail?: string };
  throw new ApiError(answer.status, problem.title ?? `The answer was ${answer.status}`, problem.detail);
}

/** For showing: whatever was thrown as one sentence or two. */
export function describeError(error: unknown): string {
  if (!(error instanceof ApiError)) return 'Something went wrong on this page. Load it again.';
  return error.detail === undefined ? `${error.message}.` : `${error.message}. ${error.detail}`;
}
