import type { AccountNotice } from '@fanin/connector-kit';
import { isoTime } from '@fanin/kernel';
import type { XClient } from './client.js';
import type { HookMark, Stretch } from './cursor.js';
import type { DoorNews } from './door-news.js';
import { XFailure } from './errors.js';

const MINUTE_MS = 60_000;
/** What X takes (https://docs.x.com/x-api/account-activity/introduction, "Replay"). */
const REACH_MS = 24 * 60 * MINUTE_MS;
const FROM_AGE_MS = 31 * MINUTE_MS;
const TO_AGE_MS = 10 * MINUTE_MS;
const SPAN_MS = 120 * MINUTE_MS;
/** The end of a job is told to one process only, which may not be this one. */
const JOB_LASTS_MS = 30 * MINUTE_MS;
const MOST_TRIES = 3;
/** Around what is known of an outage, for clocks that differ and for what was on its way. */
const MARGIN_MS = MINUTE_MS;

export interface ReplayParts {
  readonly client: XClient;
  readonly news: DoorNews;
  readonly webhookId: string;
  readonly nowMs: number;
  readonly signal: AbortSignal;
}

export interface ReplayStep {
  readonly mark: HookMark;
  readonly notices: readonly AccountNotice[];
}

/** Adds a stretch; those that touch become one. */
export function withOutage(outages: readonly Stretch[], from: number, to: number): readonly Stretch[] {
  const last = outages.at(-1);
  const added = { from: from - MARGIN_MS, to: to + MARGIN_MS };
  if (last === undefined || added.from > last.to) return [...outages, added];
  return [...outages.slice(0, -1), { from: Math.min(last.from, added.from), to: Math.max(last.to, added.to) }];
}

/** One step towards having every outage replayed: one job at a time, each over a part that X takes. */
export async function replayOn(mark: HookMark, parts: ReplayParts): Promise<ReplayStep> {
  const { news, nowMs } = parts;
  if (mark.job !== null) {
    const { askedAt, tries, from, to } = mark.job;
    if (!news.replayEnded && nowMs - askedAt < JOB_LASTS_MS) return { mark, notices: [] };
    const again = news.replayEnded && news.incompleteReplay;
    news.replayEnded = false;
    if (again && tries < MOST_TRIES) return ask({ ...mark, job: null }, { from, to }, tries + 1, parts);
    const notices = again ? [gap({ from, to }, `X could not replay all of it in ${tries} attempts`)] : [];
    return { mark: { ...mark, job: null, outages: rest(mark.outages, to) }, notices };
  }
  const [outage] = mark.outages;
  if (outage === undefined) return { mark, notices: [] };
  const oldest = nowMs - REACH_MS + 5 * MINUTE_MS;
  if (outage.to <= oldest)
    return {
      mark: { ...mark, outages: mark.outages.slice(1) },
      notices: [gap(outage, 'X replays the last 24 hours only')],
    };
  const from = Math.floor(Math.max(outage.from, oldest) / MINUTE_MS) * MINUTE_MS;
  // As much as X takes today; the rest is asked for when it is old enough.
  const oldEnough = Math.floor((nowMs - TO_AGE_MS) / MINUTE_MS) * MINUTE_MS;
  const wanted = Math.ceil(Math.min(outage.to, from + SPAN_MS) / MINUTE_MS) * MINUTE_MS;
  const to = Math.min(wanted, oldEnough);
  if (nowMs < from + FROM_AGE_MS || to <= from) return { mark, notices: [] };
  const step = await ask(mark, { from, to }, 1, parts);
  const lost = outage.from < oldest ? [gap({ from: outage.from, to: oldest }, 'X replays the last 24 hours only')] : [];
  return { ...step, notices: [...lost, ...step.notices] };
}

async function ask(mark: HookMark, part: Stretch, tries: number, parts: ReplayParts): Promise<ReplayStep> {
  const { client, webhookId, nowMs, signal, news } = parts;
  const path = `/2/account_activity/replay/webhooks/${webhookId}/subscriptions/all`;
  const query = { from_date: minuteOf(part.from), to_date: minuteOf(part.to) };
  try {
    news.replayEnded = false;
    await client.call({ method: 'POST', path, query, as: 'app', signal });
    return { mark: { ...mark, job: { ...part, askedAt: nowMs, tries } }, notices: [] };
  } catch (error) {
    if (!(error instanceof XFailure) || error.status === undefined || error.status >= 500) throw error;
    if (error.code === 'RATE_LIMITED' || error.code === 'AUTH') throw error;
    // Another job runs, perhaps asked for by a person: later.
    if (/conflict|already|in progress/i.test(`${error.detail} ${error.message}`)) return { mark, notices: [] };
    return {
      mark: { ...mark, outages: rest(mark.outages, part.to) },
      notices: [gap(part, `X refuses to replay it: ${error.detail}`)],
    };
  }
}

function rest(outages: readonly Stretch[], until: number): readonly Stretch[] {
  return outages.flatMap((each) => (each.to <= until ? [] : { from: Math.max(each.from, until), to: each.to }));
}

function gap({ from, to }: Stretch, why: string): AccountNotice {
  return {
    code: 'GAP',
    message: `what X pushed between ${isoTime(from)} and ${isoTime(to)} may be missing: ${why}. Mentions and direct messages of that time come in by polling, if receive_by allows it`,
  };
}

/** `yyyymmddhhmm` in UTC. */
function minuteOf(ms: number): string {
  return isoTime(ms).replace(/[-:T]/g, '').slice(0, 12);
}
