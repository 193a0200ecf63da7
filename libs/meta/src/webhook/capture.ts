import type { CapturedDelivery, WebhookCapture, WebhookRequest, WebhookResponse } from '@fanin/connector-kit';
import type { AppAccount, AppAccounts } from './app-accounts.js';
import { readEnvelope } from '../wire/batch.js';
import { listAt, type Json } from '../wire/json.js';
import { isSurelyMixed } from './mixed.js';
import { splitByOwner, type Share } from './split.js';

export interface MetaCaptureOptions {
  readonly account: AppAccount;
  readonly accounts: AppAccounts;
  /** The channel's verify.ts. */
  readonly verify: WebhookCapture['verify'];
  /** Set where the changes of one entry can belong to several accounts. */
  readonly unitName?: 'changes';
  /** Conversations in an entry; they decide the order key. Asked no further than the second. */
  readonly conversationsOf: (entry: unknown) => Iterable<string>;
}

/**
 * One webhook of an app. A POST is answered 200 when all of it is durable, and not otherwise: Meta repeats the whole batch
 * for 36 hours. What is in it matters only for who gets it; a body that is not JSON is kept as it came and dead-lettered later.
 */
export function createMetaCapture(options: MetaCaptureOptions): WebhookCapture {
  return {
    shape: 'webhook',
    verify: options.verify,
    receive: async (request, emit): Promise<WebhookResponse> => {
      if (request.method === 'GET') return challengeOf(request);
      await emit(deliveriesOf(request, options));
      return { status: 200 };
    },
  };
}

function challengeOf(request: WebhookRequest): WebhookResponse {
  return {
    status: 200,
    // The challenge is somebody else's text: it must not be read as a page.
    headers: { 'content-type': 'text/plain; charset=utf-8', 'x-content-type-options': 'nosniff' },
    body: request.query['hub.challenge'] ?? '',
  };
}

/** The delivery as it came; cut by account when its entries belong to several. */
function deliveriesOf(request: WebhookRequest, options: MetaCaptureOptions): readonly CapturedDelivery[] {
  const { account, accounts, unitName } = options;
  const { body } = request;
  const contentType = request.headers['content-type'] ?? 'application/json';
  const siblings = accounts.siblingsOf(account);
  if (siblings.length === 0 && isSurelyMixed(body)) return [{ body, contentType, meta: {}, orderKey: account.owned }];
  const envelope = envelopeOf(body);
  if (envelope === undefined) return [{ body, contentType, meta: {} }];
  const ownerOf = (part: Json): AppAccount | undefined => [account, ...siblings].find((each) => each.owns(part));
  const shares: readonly Share<AppAccount>[] = (siblings.length === 0
    ? undefined
    : splitByOwner(body, envelope, account, ownerOf, unitName)) ?? [
    { account, body, entries: listAt(envelope, 'entry') },
  ];
  return shares.map((share) => ({
    body: share.body,
    contentType,
    meta: {},
    orderKey: orderKeyOf(share, options),
    ...(share.account === account ? {} : { accountId: share.account.accountId }),
  }));
}

function envelopeOf(body: Buffer): Json | undefined {
  try {
    return readEnvelope(body);
  } catch {
    return undefined;
  }
}

/** Deliveries of one conversation stay in order; those of several are ordered with all that is mixed. */
function orderKeyOf({ account, entries }: Share<AppAccount>, options: MetaCaptureOptions): string {
  let only: string | undefined;
  for (const entry of entries) {
    for (const conversation of options.conversationsOf(entry)) {
      if (only !== undefined && only !== conversation) return account.owned;
      only = conversation;
    }
  }
  return only === undefined ? account.owned : `${account.owned} ${only}`;
}
