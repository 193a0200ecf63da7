import { SendUncertain, type SendOutcome } from '@fanin/connector-kit';
import type { OutboundMessageV1 } from '@fanin/contracts';
import { codeOf, ERROR_TRAITS, FaninError, messageOf } from '@fanin/kernel';
import type { HostedAccount } from '../hosted-account.js';
import type { HostParts } from '../host-settings.js';
import { within } from '../within.js';
import type { ReplyEnd } from './outbound-queue.js';

/** What one attempt came to: an end, or that it may be made again. */
export type Attempt = { readonly end: ReplyEnd } | { readonly again: Again };

export interface Again {
  /** Not before this, whatever the back-off says. */
  readonly afterMs: number;
  readonly code: string;
  readonly reason: string;
  /** It may have gone out: the provider is asked before it is sent again. */
  readonly uncertain?: boolean;
  /** The provider has just said that it did not go out: nothing is to be waited for. */
  readonly atOnce?: boolean;
}

/** Makes one attempt. Never rejects: whatever the channel throws is judged here. */
export async function sendReply(
  message: OutboundMessageV1,
  account: HostedAccount | undefined,
  parts: HostParts,
): Promise<Attempt> {
  if (account === undefined || account.tenant !== message.tenant)
    return { end: failure('CONFIG', 'the channel account is not in the configuration any more') };
  const deliver = account.instance?.deliver;
  if (account.instance === undefined)
    return { again: { afterMs: 0, code: 'CONFIG', reason: 'the channel account could not be opened, see its state' } };
  if (deliver === undefined) return { end: failure('UNSUPPORTED', `${account.manifest.title} cannot send replies`) };
  const { maxReplyChars } = account.manifest.limits;
  if (maxReplyChars !== null && message.text.length > maxReplyChars)
    return {
      end: failure(
        'UNSUPPORTED',
        `the reply has ${message.text.length} characters, ${account.manifest.title} takes ${maxReplyChars}`,
      ),
    };
  const stop = new AbortController();
  const context = { signal: stop.signal, attachment: (key: string) => parts.blobs.get(key) };
  try {
    const sending = Promise.resolve().then(() => deliver.send(message, context));
    const late = (): Error => {
      stop.abort();
      return new SendUncertain(`the provider did not answer within ${parts.timings.sendTimeoutMs} ms`);
    };
    const outcome = await within(sending, parts.timings.sendTimeoutMs, late);
    parts.crashPoints.at('deliver.sent');
    return { end: endOf(outcome) };
  } catch (error) {
    return judge(error, account, parts);
  }
}

/**
 * An error with a retriable code says that nothing went out. Anything else that is thrown leaves it open: a channel that
 * may send twice does, one that can ask does that first (a little later: what was cut off may still be at work over there),
 * and with any other a person looks.
 */
function judge(error: unknown, account: HostedAccount, { timings }: HostParts): Attempt {
  const code = codeOf(error);
  const reason = messageOf(error);
  if (error instanceof FaninError && code !== 'BUG') {
    if (!ERROR_TRAITS[code].retriable) return { end: failure(code, reason) };
    return { again: { afterMs: error.retryAfterMs ?? 0, code, reason } };
  }
  if (account.manifest.sending === 'idempotent')
    return { again: { afterMs: 0, code: error instanceof SendUncertain ? 'TRANSIENT' : code, reason } };
  if (mayAsk(account))
    return { again: { afterMs: timings.reconcileDelayMs, code: 'TRANSIENT', reason, uncertain: true } };
  return { end: unknownEnd(reason) };
}

/** Whether it can be found out if a reply went out; true also while the account is not open. */
export function mayAsk({ manifest, instance }: HostedAccount): boolean {
  return manifest.sending === 'reconciled' && (instance === undefined || instance.deliver?.reconcile !== undefined);
}

export function unknownEnd(reason: string): ReplyEnd {
  return { status: 'unknown', providerMessageId: null, code: 'TRANSIENT', reason: `it may have been sent: ${reason}` };
}

export function failure(code: string, reason: string): ReplyEnd {
  return { status: 'failed', providerMessageId: null, code, reason };
}

function endOf(outcome: SendOutcome): ReplyEnd {
  if (outcome.status === 'failed') return failure(outcome.code, outcome.reason);
  return { status: outcome.status, providerMessageId: outcome.providerMessageId, code: null, reason: null };
}
