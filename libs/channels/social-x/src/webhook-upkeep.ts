import type { AccountNotice } from '@fanin/connector-kit';
import { FaninError } from '@fanin/kernel';
import type { XClient } from './client.js';
import { XFailure } from './errors.js';
import { at, recordOf, recordsOf, type Json } from './payload.js';
import { isId } from './snowflake.js';

export interface WebhookParts {
  readonly client: XClient;
  readonly userId: string;
  /** The address that X must call; known only once the server listens. */
  readonly hookUrl: () => string;
  readonly webhookId: string | undefined;
}

export interface WebhookState {
  readonly webhookId: string;
  /** Something was out of order and is mended: what X sent meanwhile is lost unless it is replayed. */
  readonly notices: readonly AccountNotice[];
}

/** Sees to it that X delivers: a webhook that is registered and valid, and the account subscribed to it. Throws when it cannot. */
export async function tendWebhook(parts: WebhookParts, signal: AbortSignal): Promise<WebhookState> {
  const notices: AccountNotice[] = [];
  const say = (message: string): void => void notices.push({ code: 'REPAIRED', message });
  const found = (await find(parts, signal)) ?? (await register(parts, signal, say));
  if (found.valid === false) await revalidate(parts, found.id, signal, say);
  await subscribe(parts, found.id, signal, say);
  return { webhookId: found.id, notices };
}

interface Webhook {
  readonly id: string;
  readonly valid: boolean;
}

async function find({ client, hookUrl, webhookId }: WebhookParts, signal: AbortSignal): Promise<Webhook | undefined> {
  const answer = await client.call({ method: 'GET', path: '/2/webhooks', as: 'app', signal });
  const found = recordsOf(at(answer, 'data')).find((each) =>
    webhookId === undefined ? each.url === hookUrl() : each.id === webhookId,
  );
  if (found === undefined && webhookId !== undefined)
    throw new FaninError('CONFIG', `webhook_id: X knows no webhook ${webhookId} of this app`);
  return found === undefined ? undefined : webhookOf(found);
}

function webhookOf(value: unknown): Webhook | undefined {
  const record: Json | undefined = recordOf(at(value, 'data')) ?? recordOf(value);
  return isId(record?.id) ? { id: record.id, valid: record.valid !== false } : undefined;
}

async function register(
  { client, hookUrl }: WebhookParts,
  signal: AbortSignal,
  say: (message: string) => void,
): Promise<Webhook> {
  try {
    const answer = await client.call({
      method: 'POST',
      path: '/2/webhooks',
      body: { url: hookUrl() },
      as: 'app',
      signal,
    });
    const made = webhookOf(answer);
    if (made === undefined) throw new FaninError('TRANSIENT', 'X registered the webhook but did not tell its id');
    say(`the webhook was not registered at X; it is now, with the id ${made.id}`);
    return made;
  } catch (error) {
    if (!(error instanceof XFailure) || error.code !== 'BAD_PAYLOAD') throw error;
    throw new FaninError(
      'TRANSIENT',
      `X does not take ${hookUrl()} as a webhook (${error.detail}): it must be reachable from the internet by https, without a port, and answer the challenge with the client_secret of this app`,
    );
  }
}

/** PUT has X ask its challenge at once (https://docs.x.com/x-api/webhooks/introduction, "Webhook validation"). */
async function revalidate(
  parts: WebhookParts,
  id: string,
  signal: AbortSignal,
  say: (message: string) => void,
): Promise<void> {
  let refused = '';
  try {
    await parts.client.call({ method: 'PUT', path: `/2/webhooks/${id}`, as: 'app', signal });
  } catch (error) {
    if (!(error instanceof XFailure) || error.code !== 'BAD_PAYLOAD') throw error;
    refused = ` (${error.detail})`;
  }
  const now = await find({ ...parts, webhookId: id }, signal);
  if (now?.valid !== true)
    throw new FaninError(
      'TRANSIENT',
      `X delivers nothing: it calls the webhook invalid${refused}. Its challenge must be answered at ${parts.hookUrl()}, with the client_secret of this app`,
    );
  say('X had called the webhook invalid; it is valid again');
}

async function subscribe(
  { client, userId }: WebhookParts,
  id: string,
  signal: AbortSignal,
  say: (message: string) => void,
): Promise<void> {
  const path = `/2/account_activity/webhooks/${id}/subscriptions/all`;
  const listed = await client.call({ method: 'GET', path: `${path}/list`, as: 'app', signal });
  const subscribed = recordsOf(at(listed, 'data', 'subscriptions')).some((each) => each.user_id === userId);
  if (subscribed) return;
  try {
    await client.call({ method: 'POST', path, as: 'user', signal });
  } catch (error) {
    if (error instanceof XFailure && /duplicate/i.test(error.detail)) return;
    throw error;
  }
  say('the account was not subscribed to the webhook at X; it is now');
}
