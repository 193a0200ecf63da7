import { SendUncertain, type SendOutcome } from '@fanin/connector-kit';
import type { OutboundMessageV1 } from '@fanin/contracts';
import { codeOf, ERROR_TRAITS, FaninError, messageOf } from '@fanin/kernel';
import type { HostedAccount } from '../hosted-account.js';
import type { HostParts } from '../host-settings.js';
import type { ReplyEnd } from './outbound-queue.js';

/** What one attempt came to: an end, or that it may be made again. */
export type Attempt =
  | { readonly end: ReplyEnd }
  | { readonly again: { readonly afterMs: number; readonly code: string; readonly reason: string } };

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
    return { end: endOf(await inTime(sending, stop, parts)) };
  } catch (error) {
    return judge(error, account);
  }
}

/**
 * An error with a retriable code says that nothing went out. Anything else that is thrown leaves it open: a channel that
 * may send twice does, one that may not reports `unknown` and a person looks.
 */
function judge(error: unknown, account: HostedAccount): Attempt {
  const code = codeOf(error);
  const reason = messageOf(error);
  if (error instanceof FaninError && code !== 'BUG') {
    if (!ERROR_TRAITS[code].retriable) return { end: failure(code, reason) };
    return { again: { afterMs: error.retryAfterMs ?? 0, code, reason } };
  }
  if (account.manifest.sending === 'idempotent')
    return { again: { afterMs: 0, code: error instanceof SendUncertain ? 'TRANSIENT' : code, reason } };
  return { end: unknownEnd(reason) };
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

async function inTime(
  sending: Promise<SendOutcome>,
  stop: AbortController,
  { clock, timings }: HostParts,
): Promise<SendOutcome> {
  sending.catch(() => undefined);
  const done = new AbortController();
  const late = clock.sleep(timings.sendTimeoutMs, done.signal).then(() => {
    stop.abort();
    throw new SendUncertain(`the provider did not answer within ${timings.sendTimeoutMs} ms`);
  });
  late.catch(() => undefined);
  try {
    return await Promise.race([sending, late]);
  } finally {
    done.abort();
  }
}
