import type { Evidence, StoredMessage } from './evidence.js';
import type { LogEvidence } from './log-evidence.js';
import { changeLines } from './change-lines.js';
import { metricLines } from './recount/metric-lines.js';
import type { Remembered } from './recorder.js';
import type { Sent } from './sent.js';
import type { VisitorLines } from './visitor-lines.js';

/** What a run proved. Red as soon as a count is not 0 that should be, or one of the two sums does not come out. */
export interface Verdict {
  readonly acknowledged: number;
  /** Of those, found. */
  readonly stored: number;
  readonly lost: number;
  readonly doubled: number;
  readonly outOfOrder: number;
  readonly deadLettered: number;
  readonly sentTwice: number;
  /** Replies that are neither out nor shown as failed or unknown. */
  readonly notSent: number;
  readonly fatesAddUp: boolean;
  readonly metricsAgree: boolean;
  /** What is wrong, a line each, the first few of each kind. */
  readonly problems: readonly string[];
}

export interface Judged {
  /** What the drivers were told. */
  readonly messages: readonly Remembered[];
  readonly replies: readonly Remembered[];
  readonly changes: readonly Remembered[];
  readonly evidence: Evidence;
  readonly log: LogEvidence;
  readonly sent: Sent;
  /** Of what visitors were shown in their chats, where it is not what stands there. */
  readonly visitors: VisitorLines;
  /** What the API and BI tools are shown. */
  readonly shown: Shown;
  /** Dead letters that the run made on purpose (default 0). */
  readonly expectedDeadLetters?: number;
}

export interface Shown {
  readonly facts: readonly Readonly<Record<string, unknown>>[];
  readonly windows: readonly Readonly<Record<string, unknown>>[];
  /** Figures that the API gives, summed over tenants. */
  readonly captured: number;
  readonly fates: number;
  readonly inFlight: number;
  /** Lines on rows that the API shows in another way. */
  readonly apiFaults: readonly string[];
}

const LINES_OF_A_KIND = 5;
/** Of the replies, what may be shown as failed or unknown for what was broken. With fewer than so many of them no share is judged. */
const MOST_GIVEN_UP = 0.5;
const LEAST_GIVEN_UP = 5;

/** Pure: the same evidence gives the same verdict, so that a doctored one shows that it would be seen. */
export function judge(judged: Judged): Verdict {
  const problems: string[] = [];
  const tell = (what: string, lines: readonly string[]): number => {
    for (const line of lines.slice(0, LINES_OF_A_KIND)) problems.push(`${what}: ${line}`);
    if (lines.length > LINES_OF_A_KIND) problems.push(`${what}: … ${lines.length} in all`);
    return lines.length;
  };
  const { evidence, messages, visitors } = judged;
  const inbound = groupByMark(evidence.messages, 'inbound');
  const files = judgeFiles(messages, inbound);
  const acknowledged = messages.filter(({ state }) => state === 'acknowledged');
  const here = ({ one }: Remembered): boolean =>
    inbound.get(one.id)?.some(({ account }) => account === one.account) === true;
  const lost = acknowledged.filter((each) => !here(each));
  const changes = changeLines(judged.changes, evidence.messages, judged.log.stories);
  const told = [...judged.replies, ...judged.changes];
  const doubled = [
    ...messages.flatMap(({ one }) => ((inbound.get(one.id)?.length ?? 0) > 1 ? [`${one.door} ${one.id}`] : [])),
    ...evidence.doubledByProviderId,
    ...changes.doubled,
    ...visitors.doubled,
    ...files.doubled,
  ];
  const replies = judgeReplies(judged);
  const lostOfAgents = replies.lost.length + changes.lost.length;
  const fateFaults = fateLines(judged);
  const metricFaults = [...metricLines(evidence.ticketSeqs, judged.log, judged.shown), ...judged.shown.apiFaults];
  const setAside = Math.max(evidence.deadLettered, judged.log.deadLetters);
  const dead = Math.max(0, setAside - (judged.expectedDeadLetters ?? 0));
  return {
    acknowledged: acknowledged.length + told.filter(({ state }) => state === 'acknowledged').length,
    stored:
      acknowledged.length - lost.length + told.filter(({ state }) => state === 'acknowledged').length - lostOfAgents,
    lost: tell('lost', [
      ...lost.map(({ one }) => `${one.door} ${one.id} (n=${one.n})`),
      ...replies.lost,
      ...changes.lost,
      ...visitors.lost,
      ...files.lost,
    ]),
    doubled: tell('doubled', [...new Set(doubled)]),
    outOfOrder: tell('out of order', [
      ...orderLines(messages, inbound),
      ...changes.disorder,
      ...visitors.disorder,
      ...judged.log.eventFaults,
    ]),
    deadLettered: tell('dead letters', dead === 0 ? [] : [`${dead} more than wanted`]) > 0 ? dead : 0,
    sentTwice: tell('sent twice', replies.twice),
    notSent: tell('not sent', replies.notSent),
    fatesAddUp: tell('fates', fateFaults) === 0,
    metricsAgree: tell('metrics', metricFaults) === 0,
    problems,
  };
}

export function isGreen(verdict: Verdict): boolean {
  return verdict.problems.length === 0;
}

function groupByMark(
  messages: readonly StoredMessage[],
  direction: StoredMessage['direction'],
): ReadonlyMap<string, readonly StoredMessage[]> {
  const groups = new Map<string, StoredMessage[]>();
  for (const message of messages) {
    if (message.direction !== direction) continue;
    const group = groups.get(message.mark);
    if (group === undefined) groups.set(message.mark, [message]);
    else group.push(message);
  }
  return groups;
}

/** Within a conversation every acknowledged message stands behind the one before, on the same ticket. */
function orderLines(
  messages: readonly Remembered[],
  stored: ReadonlyMap<string, readonly StoredMessage[]>,
): readonly string[] {
  const conversations = new Map<string, Remembered[]>();
  for (const each of messages) {
    if (each.state !== 'acknowledged') continue;
    const key = `${each.one.account} ${each.one.conversation}`;
    conversations.set(key, [...(conversations.get(key) ?? []), each]);
  }
  const lines: string[] = [];
  for (const [name, members] of conversations) {
    const places = members
      .sort((a, b) => a.one.n - b.one.n)
      .flatMap(({ one }) => stored.get(one.id)?.slice(0, 1) ?? []);
    for (const [index, place] of places.entries()) {
      const before = places[index - 1];
      if (before === undefined) continue;
      if (before.ticket !== place.ticket) lines.push(`${name}: ${before.mark} and ${place.mark} are on two tickets`);
      else if (before.seq >= place.seq) lines.push(`${name}: ${place.mark} stands before ${before.mark}`);
    }
  }
  return lines;
}

/** What went with a message, whether it came with it or later, is with it once. */
function judgeFiles(
  messages: readonly Remembered[],
  stored: ReadonlyMap<string, readonly StoredMessage[]>,
): { lost: string[]; doubled: string[] } {
  const lines = { lost: [] as string[], doubled: [] as string[] };
  for (const { one } of messages) {
    for (const { files } of (one.file === undefined ? undefined : stored.get(one.id)) ?? []) {
      const times = files.filter((file) => file === one.file).length;
      if (times === 0) lines.lost.push(`the file of ${one.door} ${one.id}`);
      if (times > 1) lines.doubled.push(`the file of ${one.door} ${one.id} is there ${times} times`);
    }
  }
  return lines;
}

function judgeReplies({ replies, evidence, sent }: Judged): { lost: string[]; twice: string[]; notSent: string[] } {
  const stored = groupByMark(evidence.messages, 'outbound');
  const lines = { lost: [] as string[], twice: [] as string[], notSent: [] as string[] };
  let givenUp = 0;
  for (const { one, state } of replies) {
    const rows = stored.get(one.id) ?? [];
    const times = sent.get(one.id) ?? 0;
    if (rows.length === 0 && state === 'acknowledged') lines.lost.push(`reply ${one.id}`);
    if (rows.some(({ account }) => account !== one.account))
      lines.lost.push(`reply ${one.id}, it is on another account`);
    if (rows.length > 1) lines.twice.push(`reply ${one.id} is on its ticket ${rows.length} times`);
    if (times > 1) lines.twice.push(`reply ${one.id} went out ${times} times`);
    const [row] = rows;
    const knownAs = row?.delivery ?? 'nothing';
    const told = knownAs === 'failed' || knownAs === 'unknown';
    if (row !== undefined && times === 0 && !told) lines.notSent.push(`reply ${one.id} is shown as ${knownAs}`);
    if (times === 0 && told) givenUp += 1;
    if (times === 1 && (knownAs === 'queued' || knownAs === 'failed'))
      lines.notSent.push(`reply ${one.id} went out, its ticket shows it as ${knownAs}`);
  }
  if (givenUp >= LEAST_GIVEN_UP && givenUp > MOST_GIVEN_UP * replies.length)
    lines.notSent.push(`${givenUp} of ${replies.length} replies were given up`);
  return lines;
}

function fateLines({ evidence, log, shown }: Judged): string[] {
  const lines = [...evidence.fateFaults];
  if (log.captured !== evidence.deliveries)
    lines.push(`${log.captured} deliveries are on the log, ${evidence.deliveries} in the ledger`);
  if (shown.captured !== evidence.deliveries)
    lines.push(`the API says ${shown.captured} captured, the ledger holds ${evidence.deliveries}`);
  if (shown.captured !== shown.inFlight + shown.fates || shown.inFlight !== 0)
    lines.push(`the API says ${shown.captured} captured, ${shown.inFlight} in flight, ${shown.fates} in fates`);
  return lines;
}
