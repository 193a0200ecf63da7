import type { WebhookCapture } from '@fanin/connector-kit';
import { createMetaCapture, directConversationsOf, isObject, type AppAccount, type AppAccounts } from '@fanin/meta';
import { commentConversationsOf } from './comments.js';
import type { InstagramConfig } from './config.js';
import { verify } from './verify.js';

/** Answers 200 when the whole batch is durable; entries of other accounts of the app go to those accounts. */
export function createCapture(config: InstagramConfig, account: AppAccount, accounts: AppAccounts): WebhookCapture {
  return createMetaCapture({
    account,
    accounts,
    verify: (request) => verify(request, config),
    conversationsOf: (entry) => (isObject(entry) ? conversationsIn(entry, config.instagram_id) : []),
  });
}

function* conversationsIn(entry: Readonly<Record<string, unknown>>, accountId: string): Generator<string> {
  yield* directConversationsOf(entry, accountId);
  yield* commentConversationsOf(entry);
}
