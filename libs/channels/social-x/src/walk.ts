import { codeOf } from '@fanin/kernel';
import type { Mark } from './cursor.js';
import { XFailure } from './errors.js';
import type { ListPage, XItem } from './lists.js';
import { compareIds, idAt, newerId, timeOfId } from './snowflake.js';

/** Pages read in one go; what they hold is handed over oldest first. A longer list goes on in the next go. */
const PAGES_AT_ONCE = 5;
/** X may list a post a little after a younger one. */
const OVERLAP_MS = 5 * 60_000;
const MOST_RECENT_IDS = 1000;

export interface WalkStep {
  /** Oldest first. */
  readonly items: readonly XItem[];
  readonly mark: Mark;
  readonly done: boolean;
  /** Items of the whole walk so far. */
  readonly count: number;
}

export interface WalkParts {
  readonly nowMs: number;
  /** Where the very first walk ends. */
  readonly startMs: number;
  readonly page: (token: string | undefined, floor: string) => Promise<ListPage>;
}

/**
 * Reads on from the mark. X lists the newest first, so the floor may only move when the last page is stored: until then the
 * mark carries the walk, and whoever takes over goes on at its next page.
 */
export async function walkOn(mark: Mark, { nowMs, startMs, page }: WalkParts): Promise<WalkStep> {
  const floor = mark.floor ?? idAt(startMs);
  const taken = new Map<string, XItem>();
  const known = new Set([...mark.recent, ...(mark.walk?.recent ?? [])]);
  let newest = mark.walk?.newest ?? null;
  let token = mark.walk?.token;
  let done = false;
  for (let pages = 0; pages < PAGES_AT_ONCE && !done; pages += 1) {
    let read: ListPage;
    try {
      read = await page(token, floor);
    } catch (error) {
      // A page token does not live for ever. The floor has not moved: the walk starts again at the newest page.
      if (error instanceof XFailure && error.status === 400 && mark.walk !== null && taken.size === 0)
        return { items: [], mark: { ...mark, floor, walk: null }, done: false, count: 0 };
      if (codeOf(error) === 'RATE_LIMITED' && pages > 0) break;
      throw error;
    }
    for (const item of read.items) {
      newest = newerId(newest, item.id);
      if (compareIds(item.id, floor) > 0 && !known.has(item.id)) taken.set(item.id, item);
    }
    token = read.next;
    done = token === undefined || read.items.some((item) => compareIds(item.id, floor) <= 0);
  }
  const items = [...taken.values()].sort((one, other) => compareIds(one.id, other.id));
  const count = (mark.walk?.count ?? 0) + items.length;
  const recent = [...known, ...taken.keys()];
  if (!done && token !== undefined)
    return {
      items,
      mark: { ...mark, floor, walk: { token, newest, recent: above(recent, newest, floor), count } },
      done,
      count,
    };
  return { items, mark: { ...settled(recent, newest, floor), doneAt: nowMs, walk: null }, done: true, count };
}

/** Ids worth remembering: those within the overlap behind the newest. */
function above(ids: readonly string[], newest: string | null, floor: string): readonly string[] {
  const bound = floorBehind(newest, floor);
  return ids.filter((id) => compareIds(id, bound) > 0).sort(compareIds);
}

function settled(ids: readonly string[], newest: string | null, floor: string): Pick<Mark, 'floor' | 'recent'> {
  const recent = above(ids, newest, floor);
  if (recent.length <= MOST_RECENT_IDS) return { floor: floorBehind(newest, floor), recent };
  const kept = recent.slice(-MOST_RECENT_IDS);
  return { floor: recent.at(-MOST_RECENT_IDS - 1) ?? floor, recent: kept };
}

function floorBehind(newest: string | null, floor: string): string {
  const time = newest === null ? undefined : timeOfId(newest);
  if (newest === null || time === undefined) return newerId(newest, floor) ?? floor;
  return newerId(idAt(time - OVERLAP_MS), floor) ?? floor;
}
