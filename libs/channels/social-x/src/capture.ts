import type { Emit, WebhookCapture, WebhookRequest, WebhookResponse } from '@fanin/connector-kit';
import type { Clock } from '@fanin/kernel';
import type { AppDirectory, Resident } from './app-directory.js';
import type { ReceiveBy } from './config.js';
import type { DoorNews } from './door-news.js';
import { at, recordOf, recordsOf, type Json } from './payload.js';
import { isId } from './snowflake.js';
import { isChallenge, responseToken, verify, type WebhookSecrets } from './verify.js';

export interface CaptureParts {
  readonly resident: Resident;
  readonly directory: AppDirectory;
  readonly secrets: WebhookSecrets;
  readonly receiveBy: ReceiveBy;
  readonly news: DoorNews;
  readonly clock: Clock;
}

export function createCapture(parts: CaptureParts): WebhookCapture {
  return {
    shape: 'webhook',
    verify: (request) =>
      parts.receiveBy === 'polling'
        ? { ok: false, status: 403, reason: "this account takes no webhooks: its receive_by is 'polling'" }
        : verify(request, parts.secrets),
    receive: (request, emit) =>
      isChallenge(request) ? Promise.resolve(answer(request, parts)) : take(request, emit, parts),
  };
}

function answer({ query }: WebhookRequest, { secrets }: CaptureParts): WebhookResponse {
  const body = JSON.stringify({ response_token: responseToken(query.crc_token ?? '', secrets) });
  return { status: 200, headers: { 'content-type': 'application/json; charset=utf-8' }, body };
}

async function take(request: WebhookRequest, emit: Emit, parts: CaptureParts): Promise<WebhookResponse> {
  const { resident, directory, news, clock } = parts;
  const envelope = glance(request.body);
  const userId = userOf(envelope);
  const accountId = userId === undefined ? undefined : directory.accountFor(resident, userId);
  const orderKey = customerOf(envelope, userId ?? resident.userId);
  try {
    await emit([
      {
        body: request.body,
        contentType: request.headers['content-type'] ?? 'application/json',
        meta: { door: 'webhook', ...(userId === undefined ? {} : { for_user_id: userId }) },
        ...(orderKey === undefined ? {} : { orderKey }),
        ...(accountId === undefined ? {} : { accountId }),
      },
    ]);
  } catch (error) {
    news.refused(clock.now());
    throw error;
  }
  const replayed = at(envelope, 'replay_job_status', 'job_state');
  if (typeof replayed === 'string') news.replay(replayed);
  if (at(envelope, 'user_event', 'revoke') !== undefined) news.revoked();
  return { status: 200 };
}

/** What cannot be read is kept all the same, and dead-lettered where it is read in earnest. */
function glance(body: Buffer): Json | undefined {
  try {
    return recordOf(JSON.parse(body.toString('utf8')));
  } catch {
    return undefined;
  }
}

function userOf(envelope: Json | undefined): string | undefined {
  const user = envelope?.for_user_id ?? at(envelope, 'user_event', 'revoke', 'source', 'user_id');
  return isId(user) ? user : undefined;
}

/** Keeps what one customer writes in order, in public and privately. */
function customerOf(envelope: Json | undefined, userId: string): string | undefined {
  const author = at(recordsOf(envelope?.tweet_create_events)[0], 'user', 'id_str');
  const message = at(recordsOf(envelope?.direct_message_events)[0], 'message_create');
  const people = [author, at(message, 'sender_id'), at(message, 'target', 'recipient_id')];
  return orderKeyOf(people.find((each) => isId(each) && each !== userId));
}

export function orderKeyOf(userId: unknown): string | undefined {
  return isId(userId) ? `x:${userId}` : undefined;
}
