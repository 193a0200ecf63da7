import type { PollOutcome } from '@fanin/connector-kit';
import { FaninError, type Clock } from '@fanin/kernel';
import type { XClient } from './client.js';
import type { Cursor, HookMark } from './cursor.js';
import type { DoorNews } from './door-news.js';
import { at } from './payload.js';
import { replayOn, withOutage } from './replay.js';
import { tendWebhook, type WebhookParts } from './webhook-upkeep.js';

/** What a turn of one job comes to; the cursor is the job's to change. */
export interface JobOutcome extends Pick<PollOutcome, 'deliveries' | 'notices' | 'backfilling'> {
  readonly cursor: Cursor;
  /** The job has more to do at once. */
  readonly again: boolean;
}

export interface UpkeepParts {
  readonly client: XClient;
  readonly clock: Clock;
  readonly news: DoorNews;
  readonly webhook: Omit<WebhookParts, 'client'>;
  readonly intervalMs: number;
}

/** Beyond this silence of ours we cannot have answered X, whatever the reason. */
const INTERVALS_MISSED = 3;

/** Keeps X delivering, and has replayed what it could not deliver. */
export function createUpkeep(parts: UpkeepParts): (cursor: Cursor, signal: AbortSignal) => Promise<JobOutcome> {
  const { client, clock, news, webhook, intervalMs } = parts;
  /** A process that has just started does not know whether another one was there before it. */
  let justStarted = true;

  function outagesAt(mark: HookMark, mended: boolean, nowMs: number): HookMark['outages'] {
    let { outages } = mark;
    const { aliveAt } = mark;
    const silent = aliveAt !== null && nowMs - aliveAt > INTERVALS_MISSED * intervalMs + 60_000;
    if (aliveAt !== null && (justStarted || mended || silent)) outages = withOutage(outages, aliveAt, nowMs);
    if (news.refusedSince !== null) outages = withOutage(outages, news.refusedSince, news.refusedUntil ?? nowMs);
    return outages;
  }

  return async (cursor, signal) => {
    const { webhookId, notices } = await tendWebhook({ ...webhook, client }, signal);
    const nowMs = clock.now();
    const outages = outagesAt(cursor.hook, notices.length > 0, nowMs);
    news.refusedSince = null;
    const mark = { ...cursor.hook, outages, aliveAt: nowMs };
    justStarted = false;
    const step = await replayOn(mark, { client, news, webhookId, nowMs, signal });
    return {
      deliveries: [],
      cursor: { ...cursor, hook: step.mark },
      notices: [...notices, ...step.notices],
      again: false,
    };
  };
}

/** The account behind the tokens must be the one that is configured, or every echo would look like a customer. */
export async function checkAccount(client: XClient, userId: string, signal: AbortSignal): Promise<void> {
  const found = at(await client.call({ method: 'GET', path: '/2/users/me', as: 'user', signal }), 'data', 'id');
  if (found === userId) return;
  throw new FaninError('CONFIG', `user_id: the tokens belong to the user ${String(found)}, not to ${userId}`);
}
