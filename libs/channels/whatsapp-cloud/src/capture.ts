import type { WebhookCapture } from '@fanin/connector-kit';
import {
  createMetaCapture,
  isObject,
  objectAt,
  objectsAt,
  textAt,
  type AppAccount,
  type AppAccounts,
  type Json,
} from '@fanin/meta';
import type { WhatsappConfig } from './config.js';
import { verify } from './verify.js';

/** Answers 200 when the whole batch is durable; changes of other numbers of the app go to those accounts. */
export function createCapture(config: WhatsappConfig, account: AppAccount, accounts: AppAccounts): WebhookCapture {
  return createMetaCapture({
    account,
    accounts,
    unitName: 'changes',
    verify: (request) => verify(request, config),
    conversationsOf: (entry) => (isObject(entry) ? customersIn(entry) : []),
  });
}

function* customersIn(entry: Json): Generator<string> {
  for (const change of objectsAt(entry, 'changes')) {
    const value = objectAt(change, 'value');
    for (const message of objectsAt(value, 'messages')) yield textAt(message, 'from') ?? '';
    for (const echo of objectsAt(value, 'message_echoes')) yield textAt(echo, 'to') ?? '';
    for (const status of objectsAt(value, 'statuses')) yield textAt(status, 'recipient_id') ?? '';
  }
}
