import type { CapturedDelivery, PollCapture, PollOutcome } from '@fanin/connector-kit';
import { isoTime, type Clock } from '@fanin/kernel';
import { callConversation, messageConversation } from './addresses.js';
import type { Resource, TwilioClient } from './client.js';
import type { Config } from './config.js';
import { toFaninError } from './errors.js';
import type { KnownSids } from './known-sids.js';
import { listCalls, type ListedCall } from './listed-calls.js';
import { createStatusLists, type ListedStatus } from './listed-statuses.js';
import { readCursor, writeCursor, type Cursor } from './reconcile-cursor.js';
import type { VoicePlan } from './voice-plan.js';

/** Most of the past that one turn looks at. */
const SLICE_MS = 6 * 3_600_000;
/** What Twilio listed late is looked for again. */
const OVERLAP_MS = 10 * 60_000;
const PAGE_SIZE = '200';

interface Found {
  /** The SID; of news about a message of ours, SID and status. */
  readonly key: string;
  readonly at: number;
  readonly delivery: CapturedDelivery;
}

export interface ReconcileParts {
  readonly config: Config;
  readonly client: TwilioClient;
  readonly plan: VoicePlan;
  readonly known: KnownSids;
  readonly clock: Clock;
}

/**
 * Twilio sends no message again: what came while nobody listened is on its lists only. A turn reads all pages of a slice of
 * time before anything of it is handed over, so that the mark never passes what was not seen, and hands it over oldest first.
 */
export function createReconcile(parts: ReconcileParts): PollCapture & { wake(): void } {
  const { config, client, plan, known, clock } = parts;
  const statuses = createStatusLists(client, known, clock);
  let handedOver: readonly string[] = [];
  let wake: () => void = () => undefined;

  async function messages(from: number, to: number, signal: AbortSignal): Promise<Found[]> {
    const found: Found[] = [];
    for (const { number } of config.numbers) {
      const query = { To: number, 'DateSent>': second(from), 'DateSent<': second(to + 1000), PageSize: PAGE_SIZE };
      for await (const message of client.list('/Messages.json', 'messages', query, signal)) {
        const { sid } = message;
        if (typeof sid !== 'string' || message['direction'] !== 'inbound' || known.has(sid)) continue;
        const at = timeOf(message, 'date_sent', 'date_created');
        if (at < from) break;
        if (at < to) found.push({ key: sid, at, delivery: await messageDelivery(client, config, message, signal) });
      }
    }
    return found;
  }

  async function calls(from: number, to: number, signal: AbortSignal): Promise<{ found: Found[]; running: number }> {
    const found: Found[] = [];
    let running = to;
    for (const { number } of config.numbers.filter((each) => !each.number.includes(':'))) {
      const listed = await listCalls(client, { number, from, to, pageSize: PAGE_SIZE, known, signal });
      running = Math.min(running, listed.running);
      for (const call of listed.over) found.push({ key: call.sid, at: call.at, delivery: callDelivery(call, plan) });
    }
    return { found, running };
  }

  async function turn(kept: Cursor, signal: AbortSignal): Promise<PollOutcome> {
    const now = clock.now();
    // Marks of a clock that ran ahead would hide everything until that time has come.
    const cursor: Cursor = { messages: Math.min(kept.messages, now), calls: Math.min(kept.calls, now) };
    const messagesTo = Math.min(now, cursor.messages + SLICE_MS);
    const callsTo = Math.min(now, cursor.calls + SLICE_MS);
    const texts = await messages(cursor.messages - OVERLAP_MS, messagesTo, signal);
    const news = await statuses.list({
      numbers: config.numbers.map(({ number }) => number),
      from: cursor.messages - OVERLAP_MS,
      to: messagesTo,
      pageSize: PAGE_SIZE,
      signal,
    });
    const told = news.map((each): Found => ({ key: each.key, at: each.at, delivery: statusDelivery(config, each) }));
    const voices = await calls(cursor.calls - OVERLAP_MS, callsTo, signal);
    const found = [...texts, ...told, ...voices.found].sort((one, other) => one.at - other.at);
    handedOver = found.map(({ key }) => key);
    const next: Cursor = { messages: messagesTo, calls: Math.max(cursor.calls, Math.min(callsTo, voices.running)) };
    const behind = messagesTo < now || (callsTo < now && next.calls > cursor.calls);
    return {
      deliveries: found.map(({ delivery }) => delivery),
      cursor: writeCursor(next),
      more: behind,
      backfilling: behind,
    };
  }

  return {
    shape: 'poll',
    intervalMs: config.reconcile_seconds * 1000,
    poll: async (cursor, signal) => {
      try {
        return await turn(readCursor(cursor, clock.now() - config.backfill_hours * 3_600_000), signal);
      } catch (error) {
        throw toFaninError(error);
      }
    },
    afterStored: () => {
      for (const key of handedOver) known.add(key);
      handedOver = [];
      statuses.stored();
      return Promise.resolve();
    },
    onWake: (callback) => void (wake = callback),
    wake: () => {
      statuses.lookBack();
      wake();
    },
  };
}

/** Twilio takes whole seconds. */
function second(time: number): string {
  return `${isoTime(time).slice(0, 19)}Z`;
}

function timeOf(resource: Resource, ...names: readonly string[]): number {
  for (const name of names) {
    const time = Date.parse(String(resource[name]));
    if (!Number.isNaN(time)) return time;
  }
  return 0;
}

const JSON_TYPE = 'application/json';

async function messageDelivery(
  client: TwilioClient,
  config: Config,
  message: Resource,
  signal: AbortSignal,
): Promise<CapturedDelivery> {
  const media: Resource[] = [];
  if (Number(message['num_media']) > 0) {
    const path = `/Messages/${String(message['sid'])}/Media.json`;
    for await (const file of client.list(path, 'media_list', { PageSize: '100' }, signal)) media.push(file);
  }
  // A list has no order that the webhook's numbering follows; the order of making comes nearest.
  media.sort((one, other) => timeOf(one, 'date_created') - timeOf(other, 'date_created'));
  return {
    body: Buffer.from(JSON.stringify({ message: { account_sid: config.account_sid, ...message }, media })),
    contentType: JSON_TYPE,
    meta: { kind: 'listed_message' },
    orderKey: messageConversation(String(message['from']), String(message['to'])),
  };
}

function statusDelivery(config: Config, { message }: ListedStatus): CapturedDelivery {
  return {
    body: Buffer.from(JSON.stringify({ message: { account_sid: config.account_sid, ...message }, media: [] })),
    contentType: JSON_TYPE,
    meta: { kind: 'listed_message' },
    // As the callbacks of that message.
    orderKey: String(message['sid']),
  };
}

function callDelivery({ sid, at, call, children, recordings }: ListedCall, plan: VoicePlan): CapturedDelivery {
  return {
    body: Buffer.from(JSON.stringify({ call, children, recordings })),
    contentType: JSON_TYPE,
    meta: { kind: 'listed_call', reception: plan.receptionAt(at) },
    orderKey: callConversation(sid),
  };
}
