import type { Moment, Said, Story } from './story.js';

export type Figures = Readonly<Record<string, number | string | boolean | null>>;

/** A status that gave way to another. */
interface Turn {
  readonly from: string;
  readonly to: string;
  /** How long `from` had lasted, ms. */
  readonly lastedMs: number;
  readonly moment: Moment;
}

/** A reply and how long the customer had waited for it. */
export interface Answered {
  readonly reply: Moment;
  readonly waitedMs: number;
}

/** What a story comes to, read from its whole rather than event by event as the analytics do. */
export interface Chapters {
  readonly inbound: readonly Moment[];
  readonly replies: readonly Moment[];
  /** The first reply, if it answered a customer and the ticket was not begun by an agent. */
  readonly firstAnswer: Answered | undefined;
  /** Of later replies, those for which a customer was waiting. */
  readonly nextAnswers: readonly Answered[];
  readonly solved: readonly Moment[];
  /** Of those, the ones that no reopening followed before the next. */
  readonly solvedForGood: readonly Moment[];
  readonly reopened: readonly Moment[];
  readonly closed: readonly Moment[];
}

const WORK_IS_OVER = new Set(['solved', 'closed']);

/** Somebody still has to do something about it. */
export function isBacklog(status: string): boolean {
  return !WORK_IS_OVER.has(status);
}

/** Whole seconds; clocks that disagree give 0. */
export function secondsFrom(from: number, to: number): number {
  return wholeSeconds(Math.max(0, to - from));
}

function wholeSeconds(ms: number): number {
  return Math.floor(ms / 1000);
}

export function chaptersOf(story: Story): Chapters {
  const { moments } = story;
  const inbound = spoken(moments, 'inbound');
  const replies = spoken(moments, 'reply');
  const answers = replies.flatMap((reply, index): Answered[] => {
    const before = replies[index - 1]?.seq ?? 0;
    const oldest = inbound.find(({ seq }) => seq > before && seq < reply.seq);
    return oldest === undefined ? [] : [{ reply, waitedMs: Math.max(0, reply.at - oldest.at) }];
  });
  const turns = turnsOf(story);
  // Closed without ever being solved counts as solved.
  const firstSolved = turns.find(({ to }) => WORK_IS_OVER.has(to))?.moment.seq;
  const solved = turns.filter(({ to, moment }) => to === 'solved' || moment.seq === firstSolved);
  const reopened = turns.filter(({ from, to }) => !isBacklog(from) && isBacklog(to)).map(({ moment }) => moment);
  return {
    inbound,
    replies,
    firstAnswer: story.begunByAgent ? undefined : answers.find(({ reply }) => reply === replies[0]),
    nextAnswers: answers.filter(({ reply }) => reply !== replies[0]),
    solved: solved.map(({ moment }) => moment),
    solvedForGood: solved.flatMap(({ moment }, index) => {
      const next = solved[index + 1]?.moment.seq ?? Infinity;
      return reopened.some(({ seq }) => seq > moment.seq && seq < next) ? [] : [moment];
    }),
    reopened,
    closed: turns.filter(({ to }) => to === 'closed').map(({ moment }) => moment),
  };
}

/** The columns of a ticket's fact that follow from its events, by their names on the topic. */
export function ticketFigures(story: Story): Figures {
  const { moments, createdAt } = story;
  const last = moments.at(-1);
  const { inbound, replies, firstAnswer, nextAnswers, solved, reopened, closed } = chaptersOf(story);
  const lastReopened = reopened.at(-1)?.seq ?? 0;
  const solvedNow = solved.findLast(({ seq }) => seq > lastReopened);
  const spent = timeSpent(turnsOf(story));
  const waits = nextAnswers.map(({ waitedMs }) => waitedMs);
  return {
    tenant: story.tenant,
    channel: story.channel,
    created_at: createdAt,
    status: last?.status ?? null,
    priority: last?.priority ?? null,
    team_id: last?.team ?? null,
    assignee_id: last?.assignee ?? null,
    is_agent_initiated: story.begunByAgent,
    first_inbound_at: inbound[0]?.at ?? null,
    first_reply_at: replies[0]?.at ?? null,
    first_auto_reply_at: spoken(moments, 'machine')[0]?.at ?? null,
    first_solved_at: solved[0]?.at ?? null,
    last_solved_at: solvedNow?.at ?? null,
    closed_at: closed.findLast(({ seq }) => seq > lastReopened)?.at ?? null,
    last_event_at: Math.max(...moments.map(({ at }) => at)),
    first_reply_seconds: firstAnswer === undefined ? null : wholeSeconds(firstAnswer.waitedMs),
    first_resolution_seconds: solved[0] === undefined ? null : secondsFrom(createdAt, solved[0].at),
    full_resolution_seconds: solvedNow === undefined ? null : secondsFrom(createdAt, solvedNow.at),
    next_reply_seconds_sum: waits.length === 0 ? null : wholeSeconds(waits.reduce((sum, ms) => sum + ms, 0)),
    next_reply_seconds_max: waits.length === 0 ? null : wholeSeconds(Math.max(...waits)),
    requester_wait_seconds: spent('new', 'open', 'on_hold'),
    agent_wait_seconds: spent('pending'),
    on_hold_seconds: spent('on_hold'),
    inbound_count: inbound.length,
    public_reply_count: replies.length,
    next_reply_count: waits.length,
    internal_note_count: spoken(moments, 'note').length,
    reopen_count: reopened.length,
    transfer_count: transfers(moments),
    assignee_station_count: new Set(moments.flatMap(({ assignee }) => assignee ?? [])).size,
    is_one_touch:
      reopened.length === 0 &&
      solvedNow !== undefined &&
      replies.filter(({ seq }) => seq <= solvedNow.seq).length === 1,
  };
}

function spoken(moments: readonly Moment[], said: Said): readonly Moment[] {
  return moments.filter((moment) => moment.said === said);
}

function turnsOf({ moments, createdAt }: Story): readonly Turn[] {
  const turns: Turn[] = [];
  for (const [index, moment] of moments.entries()) {
    const from = moments[index - 1]?.status ?? moment.status;
    if (from === moment.status) continue;
    const since = turns.at(-1)?.moment.at ?? createdAt;
    turns.push({ from, to: moment.status, lastedMs: Math.max(0, moment.at - since), moment });
  }
  return turns;
}

/** Over intervals that have ended; null when there is none. */
function timeSpent(turns: readonly Turn[]): (...statuses: string[]) => number | null {
  return (...statuses) => {
    const ended = turns.filter(({ from }) => statuses.includes(from));
    return ended.length === 0 ? null : wholeSeconds(ended.reduce((sum, { lastedMs }) => sum + lastedMs, 0));
  };
}

/** Moves to another team once there had been one. */
function transfers(moments: readonly Moment[]): number {
  const first = moments.findIndex(({ team }) => team !== null);
  if (first < 0) return 0;
  return moments.filter(({ team }, index) => index > first && team !== null && team !== moments[index - 1]?.team)
    .length;
}
