import { SendUncertain, type Deliver, type Reconciled, type SendOutcome } from '@fanin/connector-kit';
import type { OutboundMessageV1 } from '@fanin/contracts';
import { FaninError, type Clock } from '@fanin/kernel';
import type { XClient } from './client.js';
import { XFailure } from './errors.js';
import { letterOf, type Letter } from './letter.js';
import { at } from './payload.js';
import { refusalOf } from './refusals.js';
import { findSent } from './sent-items.js';
import { isId } from './snowflake.js';

export interface DeliverParts {
  readonly client: XClient;
  readonly clock: Clock;
  readonly userId: string;
  readonly postLimit: number;
}

/** What was posted takes a moment until X lists it: only then does its absence prove anything. */
const LISTED_AFTER_MS = 15_000;

export function createDeliver(parts: DeliverParts): Deliver {
  return {
    async send(message, { signal }): Promise<SendOutcome> {
      const letter = letterOf(message, parts);
      if ('status' in letter) return letter;
      try {
        return { status: 'sent', providerMessageId: await post(letter, parts.client, signal) };
      } catch (error) {
        return onFailure(error, { message, letter, signal }, parts);
      }
    },

    async reconcile(message, { signal, since, known }): Promise<Reconciled> {
      const letter = letterOf(message, parts);
      if ('status' in letter) return { status: 'absent' };
      const found = await findSent(letter, { ...parts, signal, sinceMs: since.getTime(), known });
      if (found === undefined)
        return { status: 'unclear', reason: 'the account has sent too much since to look through' };
      const [first] = found;
      if (first !== undefined) return { status: 'sent', providerMessageId: first.id };
      const waitMs = since.getTime() + LISTED_AFTER_MS - parts.clock.now();
      if (waitMs > 0)
        throw new FaninError('TRANSIENT', 'X may not list the reply yet', {
          retryAfterMs: Math.min(waitMs, LISTED_AFTER_MS),
        });
      return { status: 'absent' };
    },
  };
}

async function post(letter: Letter, client: XClient, signal: AbortSignal): Promise<string | null> {
  const { text } = letter;
  if (letter.kind === 'post') {
    const body = { text, reply: { in_reply_to_tweet_id: letter.inReplyTo } };
    const answer = await client.call({ method: 'POST', path: '/2/tweets', body, as: 'user', signal });
    return idIn(at(answer, 'data', 'id'));
  }
  const where = letter.to === 'person' ? `with/${letter.id}` : letter.id;
  const path = `/2/dm_conversations/${where}/messages`;
  const answer = await client.call({ method: 'POST', path, body: { text }, as: 'user', signal });
  return idIn(at(answer, 'data', 'dm_event_id'));
}

function idIn(value: unknown): string | null {
  return isId(value) ? value : null;
}

interface Attempt {
  readonly message: OutboundMessageV1;
  readonly letter: Letter;
  readonly signal: AbortSignal;
}

async function onFailure(error: unknown, attempt: Attempt, parts: DeliverParts): Promise<SendOutcome> {
  if (!(error instanceof XFailure)) throw error;
  if (error.mayHaveHappened) throw new SendUncertain(error.message);
  const refusal = refusalOf(error);
  if (refusal === undefined) throw error;
  if (refusal.isDuplicate) {
    const sinceMs = Date.parse(attempt.message.created_at);
    const { signal, letter } = attempt;
    const found = await findSent(letter, { ...parts, signal, sinceMs, known: new Set() }).catch(() => undefined);
    // It went out in an earlier attempt of this very reply, whose answer was lost.
    const [first] = found ?? [];
    if (first !== undefined) return { status: 'sent', providerMessageId: first.id };
  }
  return { status: 'failed', code: refusal.code, reason: refusal.reason };
}
