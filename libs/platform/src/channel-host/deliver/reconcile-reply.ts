import type { Reconciled } from '@fanin/connector-kit';
import { codeOf, ERROR_TRAITS, FaninError, messageOf } from '@fanin/kernel';
import type { HostedAccount } from '../hosted-account.js';
import type { HostParts } from '../host-settings.js';
import { within } from '../within.js';
import type { OutboundQueue, TakenReply } from './outbound-queue.js';
import { unknownEnd, type Attempt } from './send-reply.js';

/** Asks the provider whether an earlier attempt went out. Never rejects. Nothing is sent before there is an answer. */
export async function reconcileReply(
  { message, since }: TakenReply,
  account: HostedAccount | undefined,
  parts: HostParts,
  queue: Pick<OutboundQueue, 'knownSince'>,
): Promise<Attempt> {
  if (account === undefined || account.tenant !== message.tenant)
    return { end: unknownEnd('the channel account is not in the configuration any more') };
  if (account.instance === undefined) return askAgain('CONFIG', 'the channel account could not be opened');
  const { deliver } = account.instance;
  if (deliver?.reconcile === undefined) return { end: unknownEnd(`${account.manifest.title} cannot find out`) };
  const { timings } = parts;
  const stop = new AbortController();
  const late = (): Error => {
    stop.abort();
    return new FaninError('TRANSIENT', `the provider did not answer within ${timings.sendTimeoutMs} ms`);
  };
  try {
    const known = await queue.knownSince(message, since);
    const asking = deliver.reconcile(message, { signal: stop.signal, since, known });
    return attemptOf(await within(asking, timings.sendTimeoutMs, late));
  } catch (error) {
    const code = codeOf(error);
    // Credentials may be repaired: the attempts that are left give a person some time.
    if (ERROR_TRAITS[code].retriable || code === 'AUTH' || code === 'PERMISSION')
      return askAgain(code, messageOf(error), error instanceof FaninError ? error.retryAfterMs : undefined);
    return { end: unknownEnd(messageOf(error)) };
  }
}

function attemptOf(found: Reconciled): Attempt {
  switch (found.status) {
    case 'sent':
      return { end: { status: 'sent', providerMessageId: found.providerMessageId, code: null, reason: null } };
    case 'absent':
      return { again: { afterMs: 0, code: 'TRANSIENT', reason: 'it did not go out', atOnce: true } };
    case 'unclear':
      return { end: unknownEnd(found.reason) };
  }
}

function askAgain(code: string, reason: string, afterMs = 0): Attempt {
  return { again: { afterMs, code, reason: `the provider could not be asked: ${reason}`, uncertain: true } };
}
