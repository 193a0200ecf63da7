import { isId } from './snowflake.js';
import { at, recordOf, recordsOf, type Json } from './payload.js';

/** How far one list at X has been read. */
export interface Mark {
  /** Nothing up to this id is asked for again. A little behind the newest that was taken, for what X lists late. */
  readonly floor: string | null;
  /** Ids above `floor` that were taken. */
  readonly recent: readonly string[];
  /** When a walk last reached the floor, epoch milliseconds. */
  readonly doneAt: number | null;
  /** A walk that has still pages before it. `floor` stays until all of them are stored. */
  readonly walk: Walk | null;
}

export interface Walk {
  /** The next page, older than those read. */
  readonly token: string;
  readonly newest: string | null;
  readonly recent: readonly string[];
  readonly count: number;
}

/** A stretch of time, epoch milliseconds, in which X may have delivered in vain. */
export interface Stretch {
  readonly from: number;
  readonly to: number;
}

export interface HookMark {
  /** When webhook and subscription were last seen to be in order. */
  readonly aliveAt: number | null;
  /** To be replayed, oldest first. */
  readonly outages: readonly Stretch[];
  /** The replay job that X was asked for last and that has not ended yet. */
  readonly job: (Stretch & { readonly askedAt: number; readonly tries: number }) | null;
}

export interface Cursor {
  readonly mentions: Mark;
  readonly messages: Mark;
  readonly hook: HookMark;
}

const UNREAD: Mark = { floor: null, recent: [], doneAt: null, walk: null };

export function readCursor(text: string | null): Cursor {
  const json = text === null ? undefined : parsed(text);
  return { mentions: markOf(json?.mentions), messages: markOf(json?.messages), hook: hookOf(json?.hook) };
}

export function writeCursor(cursor: Cursor): string {
  return JSON.stringify({ v: 1, ...cursor });
}

function parsed(text: string): Json | undefined {
  try {
    return recordOf(JSON.parse(text));
  } catch {
    return undefined;
  }
}

function markOf(value: unknown): Mark {
  const mark = recordOf(value);
  if (mark === undefined) return UNREAD;
  const walk = recordOf(mark.walk);
  return {
    floor: isId(mark.floor) ? mark.floor : null,
    recent: idsOf(mark.recent),
    doneAt: numberOf(mark.doneAt),
    walk:
      walk === undefined || typeof walk.token !== 'string'
        ? null
        : {
            token: walk.token,
            newest: isId(walk.newest) ? walk.newest : null,
            recent: idsOf(walk.recent),
            count: numberOf(walk.count) ?? 0,
          },
  };
}

function hookOf(value: unknown): HookMark {
  const job = stretchOf(at(value, 'job'));
  return {
    aliveAt: numberOf(at(value, 'aliveAt')),
    outages: recordsOf(at(value, 'outages')).flatMap((each) => stretchOf(each) ?? []),
    job:
      job === undefined
        ? null
        : {
            ...job,
            askedAt: numberOf(at(value, 'job', 'askedAt')) ?? job.to,
            tries: numberOf(at(value, 'job', 'tries')) ?? 1,
          },
  };
}

function stretchOf(value: unknown): Stretch | undefined {
  const [from, to] = [numberOf(at(value, 'from')), numberOf(at(value, 'to'))];
  return from === null || to === null ? undefined : { from, to };
}

function idsOf(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter(isId) : [];
}

function numberOf(value: unknown): number | null {
  return typeof value === 'number' && Number.isFinite(value) ? value : null;
}
