import type { Emit, WebhookRequest, WebhookResponse } from '@fanin/connector-kit';
import { codeOf, FaninError, messageOf } from '@fanin/kernel';
import { labelsOf, type HostedAccount } from '../hosted-account.js';
import type { Wakes } from '../capture/wakes.js';
import type { HostParts } from '../host-settings.js';
import { within } from '../within.js';
import type { AccountStates } from '../state/account-states.js';

/** A request below /hooks/<account id>, as the server hands it over: raw bytes, lower-case header names. */
export type HookRequest = Omit<WebhookRequest, 'url'> & {
  /** What was called behind the account's address, byte for byte, with the query: signatures cover it. */
  readonly rest: string;
};

/** Answers the requests of one account. Called concurrently; never rejects. */
export type HookHandler = {
  readonly maxBytes: number;
  handle(request: HookRequest): Promise<WebhookResponse>;
};

const RETRY_AFTER_SECONDS = '5';

const TEXT = { 'content-type': 'text/plain; charset=utf-8' };

/** A refusal as a person at the provider's console reads it. */
export function refusalOf(status: number, text: string): WebhookResponse {
  return { status, headers: status === 503 ? { ...TEXT, 'retry-after': RETRY_AFTER_SECONDS } : TEXT, body: text };
}

export interface HookDependencies {
  readonly account: HostedAccount;
  readonly emit: Emit;
  readonly parts: HostParts;
  readonly states: AccountStates;
  readonly wakes: Wakes;
  /** The address that the provider calls, from the configuration. */
  readonly hookUrl: () => string;
  readonly signal: AbortSignal;
}

/** The order is the rule: size, then proof, then anything else. 2xx comes only from a `receive` whose `emit` resolved. */
export function createHook(deps: HookDependencies): HookHandler {
  const { account, emit, parts, states, wakes, signal } = deps;
  const { metrics, logger } = parts;
  const labels = labelsOf(account);
  // Where something asks the provider itself, that tells the state: a delivery proves nothing about our credentials.
  const tellsState = account.instance?.reconcile === undefined && account.instance?.connection === undefined;
  const refuse = (reason: string, status: number, text: string): WebhookResponse => {
    metrics.count('fanin_channel_refused_total', { ...labels, reason });
    return refusalOf(status, text);
  };

  async function receive(request: WebhookRequest): Promise<WebhookResponse> {
    const capture = account.instance?.capture;
    if (capture?.shape !== 'webhook') return refuse('not_running', 503, 'the account is not running');
    const verdict = capture.verify(request);
    if (!verdict.ok) {
      logger.warn('a webhook request was refused', {
        account: account.id,
        status: verdict.status,
        reason: verdict.reason,
      });
      return refuse('verify', verdict.status, 'refused');
    }
    let refused: FaninError | undefined;
    let emitted = false;
    const watched: Emit = async (deliveries) => {
      try {
        const ids = await emit(deliveries);
        parts.crashPoints.at('capture.webhook.appended');
        emitted = true;
        return ids;
      } catch (error) {
        refused = error instanceof FaninError ? error : new FaninError('TRANSIENT', messageOf(error));
        throw error;
      }
    };
    const answer = await within(
      capture.receive(request, watched),
      parts.timings.webhookTimeoutMs,
      () => new FaninError('TRANSIENT', 'the channel did not answer in time'),
    );
    const isSuccess = answer.status >= 200 && answer.status < 300;
    // A channel that swallowed the refusal must not tell the provider that all is well.
    if (refused !== undefined && isSuccess) throw refused;
    if (emitted && tellsState) void states.set(account, { state: 'connected' });
    return answer;
  }

  return {
    maxBytes: account.manifest.limits.maxDeliveryBytes,
    async handle({ rest, method, path, query, headers, body }) {
      if (signal.aborted) return refuse('stopping', 503, 'the service is stopping');
      if (body.length > account.manifest.limits.maxDeliveryBytes) return refuse('too_large', 413, 'too large');
      try {
        return await receive({ method, url: deps.hookUrl() + rest, path, query, headers, body });
      } catch (error) {
        if (codeOf(error) === 'TRANSIENT' || codeOf(error) === 'RATE_LIMITED') {
          // What was refused may never come again by this door; the second one lists it as soon as the log is back.
          wakes.wake(account.id);
          if (tellsState) void states.fail(account, error, parts.clock.now() + Number(RETRY_AFTER_SECONDS) * 1000);
          return refuse('log', 503, 'come again');
        }
        if (codeOf(error) === 'BAD_PAYLOAD') return refuse('bad_payload', 400, messageOf(error));
        metrics.count('fanin_channel_errors_total', {
          channel_slug: account.manifest.slug,
          account: account.id,
          code: codeOf(error),
        });
        logger.error('a webhook failed in an unexpected way', { account: account.id, error });
        return refuse('bug', 500, 'a fault of ours');
      }
    },
  };
}
