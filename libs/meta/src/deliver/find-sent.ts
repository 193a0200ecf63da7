import type { Reconciled } from '@fanin/connector-kit';
import { FaninError } from '@fanin/kernel';
import { objectAt, objectsAt, textAt, timeOf, type Json } from '../wire/json.js';
import { graphFault } from '../graph/errors.js';
import type { GraphClient } from '../graph/graph-client.js';
import type { DirectSender } from './send-direct.js';

/** What is looked for: our own words, from when on, and which of our messages are accounted for already. */
export interface Sought {
  readonly text: string;
  readonly since: Date;
  readonly known: ReadonlySet<string>;
  readonly nowMs: number;
}

interface Listed {
  readonly id: string;
  readonly text: string;
  readonly at: number;
  readonly ours: boolean;
}

/** Meta's clock against ours, and times without milliseconds. */
const CLOCK_SLACK_MS = 10_000;
/** A message may take this long to stand in the list. */
const SETTLE_MS = 15_000;
/** Meta shows the details of the 20 newest messages only. */
const READABLE = 20;

/** Judges a list, newest messages included. `complete`: it reaches back beyond the first attempt. */
export function judgeListed(listed: readonly Listed[], complete: boolean, sought: Sought): Reconciled {
  const from = sought.since.getTime() - CLOCK_SLACK_MS;
  const found = listed.filter(
    ({ id, text, at, ours }) => ours && at >= from && !sought.known.has(id) && text.trim() === sought.text.trim(),
  );
  const [first] = found;
  if (found.length === 1 && first !== undefined) return { status: 'sent', providerMessageId: first.id };
  if (found.length > 1) return { status: 'unclear', reason: 'the same words were sent more than once at that time' };
  if (!complete) return { status: 'unclear', reason: 'the list at Meta does not reach back to the time of sending' };
  if (sought.nowMs - sought.since.getTime() < SETTLE_MS)
    throw new FaninError('TRANSIENT', 'a message may take a moment to stand in the list', { retryAfterMs: 5_000 });
  return { status: 'absent' };
}

/** Looks through the conversation with a customer. */
export async function findSentDirect(
  sender: DirectSender,
  customer: string,
  sought: Sought,
  signal: AbortSignal,
): Promise<Reconciled> {
  const { graph, node, platform, self } = sender;
  const fields = `messages.limit(${READABLE}){id,created_time,from,message}`;
  const answer = await listed(graph, `${node}/conversations`, { platform, user_id: customer, fields }, signal);
  const messages = objectsAt(answer, 'data').flatMap((conversation) =>
    objectsAt(objectAt(conversation, 'messages'), 'data').map((message) => listedOf(message, self)),
  );
  const oldest = Math.min(...messages.map(({ at }) => at));
  const complete = messages.length < READABLE || oldest < sought.since.getTime() - CLOCK_SLACK_MS;
  return judgeListed(messages, complete, sought);
}

const MOST_COMMENTS = 100;

/** Looks through the answers to a comment. `edge` is comments (Page) or replies (Instagram). */
export async function findSentComment(
  graph: GraphClient,
  of: { readonly commentIds: readonly string[]; readonly edge: 'comments' | 'replies'; readonly self: string },
  sought: Sought,
  signal: AbortSignal,
): Promise<Reconciled> {
  const fields = of.edge === 'comments' ? 'id,message,created_time,from' : 'id,text,timestamp,from';
  const found: Listed[] = [];
  let complete = true;
  for (const id of new Set(of.commentIds)) {
    const params = { fields, limit: String(MOST_COMMENTS), order: 'reverse_chronological' };
    const answer = await listed(graph, `${id}/${of.edge}`, params, signal);
    const comments = objectsAt(answer, 'data');
    found.push(...comments.map((comment) => listedOf(comment, of.self)));
    complete &&= comments.length < MOST_COMMENTS;
  }
  const distinct = [...new Map(found.map((each) => [each.id, each])).values()];
  return judgeListed(distinct, complete, sought);
}

async function listed(
  graph: GraphClient,
  path: string,
  params: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<Json> {
  try {
    return await graph.get(path, params, signal);
  } catch (error) {
    throw graphFault(error);
  }
}

function listedOf(message: Json, self: string): Listed {
  return {
    id: textAt(message, 'id') ?? '',
    text: textAt(message, 'message') ?? textAt(message, 'text') ?? '',
    at: Date.parse(timeOf(message['created_time'] ?? message['timestamp']) ?? '1970-01-01T00:00:00Z'),
    ours: textAt(objectAt(message, 'from'), 'id') === self,
  };
}
