import type { WebhookCapture } from '@fanin/connector-kit';
import { createMetaCapture, directConversationsOf, isObject, type AppAccount, type AppAccounts } from '@fanin/meta';
import type { MessengerConfig } from './config.js';
import { commentConversationsOf } from './comments.js';
import { verify } from './verify.js';

/** Answers 200 when the whole batch is durable; entries of other accounts of the app go to those accounts. */
export function createCapture(config: MessengerConfig, account: AppAccount, accounts: AppAccounts): WebhookCapture {
  return createMetaCapture({
    account,
    accounts,
    verify: (request) => verify(request, config),
    conversationsOf: (entry) => (isObject(entry) ? conversationsIn(entry, config.page_id) : []),
  });
}

function* conversationsIn(entry: Readonly<Record<string, unknown>>, pageId: string): Generator<string> {
  yield* directConversationsOf(entry, pageId);
  yield* commentConversationsOf(entry);
}
