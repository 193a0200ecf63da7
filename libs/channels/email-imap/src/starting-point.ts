import type { AccountNotice } from '@fanin/connector-kit';
import { isoTime } from '@fanin/kernel';
import type { OpenMailbox } from './client.js';
import { readCursor, type Position } from './cursor.js';

const DAY_MS = 24 * 60 * 60 * 1000;
/** How much is read again around a reset: clocks differ, and SINCE knows only days. */
const OVERLAP_MS = 2 * DAY_MS;
/** A copy of the mailbox may lag for a moment; one that stays behind was restored from a backup. */
const LOOKS_BEHIND = 3;

export interface StartingPoint {
  readonly position: Position;
  readonly notices: readonly AccountNotice[];
}

/** Where this turn reads on. */
export async function startingPoint(
  cursor: string | null,
  mailbox: OpenMailbox,
  { backfillDays, nowMs }: { readonly backfillDays: number; readonly nowMs: number },
): Promise<StartingPoint> {
  if (cursor === null) return { position: await firstPosition(mailbox, backfillDays, nowMs), notices: [] };
  const position = readCursor(cursor);
  if (position.uidvalidity !== mailbox.status.uidValidity) return reset(position, mailbox, 'its UIDVALIDITY changed');
  if (mailbox.status.uidNext > position.last_uid) return { position: { ...position, behind: 0 }, notices: [] };
  if (position.behind + 1 >= LOOKS_BEHIND)
    return reset(position, mailbox, 'its UIDNEXT went back, as after a restore from a backup');
  return { position: { ...position, behind: position.behind + 1 }, notices: [] };
}

async function firstPosition(mailbox: OpenMailbox, backfillDays: number, nowMs: number): Promise<Position> {
  const since = nowMs - backfillDays * DAY_MS;
  return readFrom(mailbox, backfillDays === 0 ? undefined : since, isoTime(since));
}

/** All UIDs are void (RFC 9051 §2.3.1.1): the recent mail is read again, and the database knows by its ids what it has. */
async function reset(old: Position, mailbox: OpenMailbox, why: string): Promise<StartingPoint> {
  const since = Date.parse(old.backfill?.since ?? old.since) - OVERLAP_MS;
  const message = `The server numbered the mailbox anew (${why}). Mail since ${isoTime(since).slice(0, 10)} is read again; what is there already is recognised.`;
  return {
    position: await readFrom(mailbox, since, old.since),
    notices: [{ code: 'MAILBOX_RESET', message }],
  };
}

/** Everything new from here on, and before it, as a backfill, what came at `since` or later. */
async function readFrom(mailbox: OpenMailbox, since: number | undefined, newest: string): Promise<Position> {
  const { uidValidity, uidNext, exists } = mailbox.status;
  // A day earlier: the server compares dates in its own time zone; the exact time is compared later.
  const first = since === undefined || exists === 0 ? undefined : await mailbox.firstSince(new Date(since - DAY_MS));
  return {
    v: 1,
    uidvalidity: uidValidity,
    last_uid: uidNext - 1,
    since: newest,
    backfill:
      first === undefined || since === undefined ? null : { next: first, until: uidNext - 1, since: isoTime(since) },
    pending: [],
    behind: 0,
  };
}
