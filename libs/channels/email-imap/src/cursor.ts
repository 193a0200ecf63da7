import { FaninError } from '@fanin/kernel';

/** A mail that was announced and could not be read yet. */
export interface PendingMail {
  readonly uid: number;
  readonly attempts: number;
  /** Epoch milliseconds. */
  readonly retry_at: number;
  /** `absent`: the server counted it and does not list it. `failed`: listed, but not handed over. */
  readonly why: 'absent' | 'failed';
}

/** Old mail that is still to be read: UIDs from `next` to `until`, as far as they came at `since` or later. */
export interface Backfill {
  readonly next: number;
  readonly until: number;
  readonly since: string;
}

/** How far a folder was read. Never \Seen and never a time alone: people read the mailbox too, and clocks are wrong. */
export interface Position {
  readonly v: 1;
  readonly uidvalidity: string;
  /** Every UID up to here was captured, is pending, or was reported as gone. */
  readonly last_uid: number;
  /** When the newest mail that was read came; only for finding the place again after UIDVALIDITY changed. */
  readonly since: string;
  readonly backfill: Backfill | null;
  readonly pending: readonly PendingMail[];
  /** How many looks in a row showed a UIDNEXT behind `last_uid`. */
  readonly behind: number;
}

export function writeCursor(position: Position): string {
  return JSON.stringify(position);
}

/** Throws CURSOR_LOST for what is no cursor of ours. */
export function readCursor(cursor: string): Position {
  let value: unknown;
  try {
    value = JSON.parse(cursor);
  } catch {
    value = undefined;
  }
  if (!isPosition(value))
    throw new FaninError(
      'CURSOR_LOST',
      'The stored position in the mailbox cannot be read; it was not written by this version.',
    );
  return value;
}

function isPosition(value: unknown): value is Position {
  const position = value as Partial<Position> | null | undefined;
  return (
    position?.v === 1 &&
    typeof position.uidvalidity === 'string' &&
    Number.isSafeInteger(position.last_uid) &&
    isTime(position.since) &&
    Number.isSafeInteger(position.behind) &&
    Array.isArray(position.pending) &&
    position.pending.every((mail: Partial<PendingMail>) => Number.isSafeInteger(mail.uid)) &&
    (position.backfill === null || isTime(position.backfill?.since))
  );
}

function isTime(value: unknown): boolean {
  return typeof value === 'string' && !Number.isNaN(Date.parse(value));
}
