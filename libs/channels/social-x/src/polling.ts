import type { AccountNotice } from '@fanin/connector-kit';
import { isoTime, type Clock } from '@fanin/kernel';
import type { XClient } from './client.js';
import type { Cursor, Mark } from './cursor.js';
import { deliveryOf, mentionsPage, messagesPage } from './lists.js';
import type { JobOutcome } from './upkeep.js';
import { walkOn } from './walk.js';

export interface PollingParts {
  readonly client: XClient;
  readonly clock: Clock;
  readonly userId: string;
  readonly backfillMs: number;
}

type Job = (cursor: Cursor, signal: AbortSignal) => Promise<JobOutcome>;

const DAY_MS = 24 * 60 * 60_000;
/** GET /2/dm_events reaches back that far. */
const MESSAGES_REACH_MS = 30 * DAY_MS;
/** GET /2/users/:id/mentions lists no more than that. */
const MENTIONS_REACH = 800;

export function createMentionsJob(parts: PollingParts): Job {
  const { client, userId } = parts;
  return async (cursor, signal) => {
    const step = await walkOn(cursor.mentions, {
      nowMs: parts.clock.now(),
      startMs: parts.clock.now() - parts.backfillMs,
      page: (token, floor) => mentionsPage(client, { userId, token, floor, signal }),
    });
    const lost = step.done && step.count >= MENTIONS_REACH && cursor.mentions.doneAt !== null;
    const message = `X lists the newest ${MENTIONS_REACH} mentions only: older ones since ${since(cursor.mentions)} may be missing`;
    return outcome(parts, cursor, { ...step, cursor: { ...cursor, mentions: step.mark } }, lost ? message : undefined);
  };
}

export function createMessagesJob(parts: PollingParts): Job {
  const { client, clock, userId } = parts;
  return async (cursor, signal) => {
    const mark = cursor.messages;
    const nowMs = clock.now();
    const step = await walkOn(mark, {
      nowMs,
      startMs: nowMs - parts.backfillMs,
      page: (token, floor) => messagesPage(client, { userId, token, floor, signal }),
    });
    const lost = step.done && mark.doneAt !== null && nowMs - mark.doneAt > MESSAGES_REACH_MS;
    const message = `X lists direct messages of the last 30 days only: those between ${since(mark)} and ${isoTime(nowMs - MESSAGES_REACH_MS)} are lost`;
    return outcome(parts, cursor, { ...step, cursor: { ...cursor, messages: step.mark } }, lost ? message : undefined);
  };
}

function since(mark: Mark): string {
  return mark.doneAt === null ? 'the beginning' : isoTime(mark.doneAt);
}

function outcome(
  { userId }: PollingParts,
  before: Cursor,
  step: {
    readonly items: Parameters<typeof deliveryOf>[0][] | readonly Parameters<typeof deliveryOf>[0][];
    readonly done: boolean;
    readonly cursor: Cursor;
  },
  gap: string | undefined,
): JobOutcome {
  const notices: AccountNotice[] = gap === undefined ? [] : [{ code: 'GAP', message: gap }];
  const goesOn = before !== step.cursor && !step.done;
  return {
    deliveries: step.items.map((item) => deliveryOf(item, userId)),
    cursor: step.cursor,
    notices,
    again: goesOn,
    backfilling: goesOn,
  };
}
