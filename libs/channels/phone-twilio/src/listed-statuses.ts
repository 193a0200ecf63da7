import { isoTime, type Clock } from '@fanin/kernel';
import type { Resource, TwilioClient } from './client.js';
import { KnownSids } from './known-sids.js';
import { isWorthTelling, statusKey } from './normalise-status.js';

/** How long after it was sent a message may still be delivered, read or given up. */
const LOOK_BACK_MS = 24 * 3_600_000;
/** How often all of that time is looked at; in between only what was sent a moment ago. */
const LOOK_BACK_EVERY_MS = 3_600_000;

/** A message of ours as it stands, under SID and status: each is told once. */
export interface ListedStatus {
  readonly key: string;
  readonly at: number;
  readonly message: Resource;
}

interface Wanted {
  readonly numbers: readonly string[];
  readonly from: number;
  readonly to: number;
  readonly pageSize: string;
  readonly signal: AbortSignal;
}

export interface StatusLists {
  list(wanted: Wanted): Promise<readonly ListedStatus[]>;
  /** What `list` brought is stored: the long look back is not due for a while. */
  stored(): void;
  /** Callbacks were missed: the next look goes all the way back. */
  lookBack(): void;
}

/**
 * What became of our messages while no callback came through. Twilio's list can be asked by the time of sending only, so
 * that, at the start and every hour, what was sent in the day before is looked at too; of that, what did not change since
 * the mark and the hour before it is passed by.
 */
export function createStatusLists(client: TwilioClient, known: KnownSids, clock: Clock): StatusLists {
  /** The slices of time that a turn looks at overlap: what one brought, the next does not bring again. */
  const told = new KnownSids(clock, 0);
  let handedOver: readonly ListedStatus[] = [];
  let lookedBackAt: number | undefined;
  let looking: number | undefined;

  async function ofNumber(number: string, since: number, { from, to, pageSize, signal }: Wanted) {
    const found: ListedStatus[] = [];
    const query = { From: number, 'DateSent>': second(since), 'DateSent<': second(to + 1000), PageSize: pageSize };
    for await (const message of client.list('/Messages.json', 'messages', query, signal)) {
      const { sid, direction, status } = message;
      if (typeof sid !== 'string' || typeof status !== 'string') continue;
      if (!String(direction).startsWith('outbound') || !isWorthTelling(status)) continue;
      const at = Date.parse(String(message['date_updated']));
      const key = statusKey(sid, status);
      if (Number.isNaN(at) || at < from - LOOK_BACK_EVERY_MS || known.has(key) || told.has(key)) continue;
      found.push({ key, at, message });
    }
    return found;
  }

  return {
    list: async (wanted) => {
      const now = clock.monotonicMs();
      const isDue = lookedBackAt === undefined || now - lookedBackAt >= LOOK_BACK_EVERY_MS;
      looking = isDue ? now : undefined;
      const since = isDue ? wanted.from - LOOK_BACK_MS : wanted.from;
      const found: ListedStatus[] = [];
      for (const number of wanted.numbers) found.push(...(await ofNumber(number, since, wanted)));
      handedOver = found;
      return found;
    },
    stored: () => {
      for (const { key } of handedOver) told.add(key);
      handedOver = [];
      lookedBackAt = looking ?? lookedBackAt;
      looking = undefined;
    },
    lookBack: () => {
      lookedBackAt = undefined;
      looking = undefined;
    },
  };
}

/** Twilio takes whole seconds. */
function second(time: number): string {
  return `${isoTime(time).slice(0, 19)}Z`;
}
