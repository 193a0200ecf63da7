import { createSettler, type BatchHandler } from '@fanin/bus';
import { CONTRACTS, createCodec } from '@fanin/contracts';
import type { AccountNotice } from '@fanin/connector-kit';
import { codeOf, ERROR_TRAITS, messageOf, type ErrorCode } from '@fanin/kernel';
import { createPause } from '../capture/failure.js';
import { backOffMs, type HostParts } from '../host-settings.js';
import { labelsOf, type HostedAccount } from '../hosted-account.js';
import { OutboundQueue, type Recovery, type ReplyEnd, type TakenReply } from './outbound-queue.js';
import { reconcileReply } from './reconcile-reply.js';
import { failure, mayAsk, sendReply, unknownEnd } from './send-reply.js';

export interface DelivererOptions {
  readonly parts: HostParts;
  readonly slugs: ReadonlySet<string>;
  readonly accountOf: (id: string) => HostedAccount | undefined;
  readonly group: string;
  /** Called when an account cannot send before somebody acts. Never rejects. */
  readonly cannotSend?: (account: HostedAccount, notice: AccountNotice) => Promise<void>;
}

/** Failures that would meet every reply of the account. */
const NEEDS_A_PERSON: readonly string[] = ['AUTH', 'PERMISSION', 'CONFIG'] satisfies readonly ErrorCode[];

/** Replies sent side by side by one process. */
const SIDE_BY_SIDE = 16;

/**
 * Takes outbound.messages into the database, then sends from there: a provider that is away holds up its own
 * conversations and nobody else's, and a process that dies in the middle is noticed by what it left behind.
 */
export class Deliverer {
  private readonly queue: OutboundQueue;
  private readonly slugs: readonly string[];
  private readonly working = new Set<Promise<void>>();
  private readonly pause;

  constructor(private readonly options: DelivererOptions) {
    this.queue = new OutboundQueue(options.parts);
    this.slugs = [...options.slugs];
    this.pause = createPause(options.parts.clock);
  }

  /** Handler of outbound.messages. */
  handler(): BatchHandler {
    const { parts, group, slugs } = this.options;
    return createSettler({
      codec: createCodec(CONTRACTS.outboundMessage),
      group,
      ...parts,
      handleBatch: async (received) => {
        const own = received.map(({ value }) => value).filter(({ channel_slug: slug }) => slugs.has(slug));
        if (own.length === 0) return;
        await this.queue.add(own);
        parts.crashPoints.at('deliver.queued');
        this.pause.cut();
      },
    });
  }

  /** Sends until the signal aborts and what was begun has ended. Never rejects. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock, logger, timings } = this.options.parts;
    let nextRecovery = 0;
    while (!signal.aborted) {
      try {
        if (clock.monotonicMs() >= nextRecovery) {
          nextRecovery = clock.monotonicMs() + timings.sendTimeoutMs / 4;
          await this.recover();
        }
        const free = SIDE_BY_SIDE - this.working.size;
        const taken = free > 0 ? await this.queue.take(this.slugs, free) : [];
        if (taken.length > 0) this.options.parts.crashPoints.at('deliver.taken');
        for (const reply of taken) this.start(reply);
        if (taken.length > 0) continue;
      } catch (error) {
        logger[ERROR_TRAITS[codeOf(error)].level]('replies could not be looked for', { reason: messageOf(error) });
      }
      await this.pause.wait(timings.sweepMs, signal);
    }
    await Promise.all(this.working);
  }

  private start(reply: TakenReply): void {
    const work = this.attempt(reply)
      .catch((error: unknown) => {
        // The reply stays 'sending' and is recovered when its time is up: as unknown, or sent again where that is harmless.
        this.options.parts.logger.warn('what became of a reply could not be stored', {
          outbound_id: reply.message.outbound_id,
          reason: messageOf(error),
        });
      })
      .finally(() => {
        this.working.delete(work);
        this.pause.cut();
      });
    this.working.add(work);
  }

  private async attempt(reply: TakenReply): Promise<void> {
    const { message, attempt, uncertain, refused } = reply;
    const { parts, accountOf } = this.options;
    const { timings, logger } = parts;
    const account = accountOf(message.account_id);
    // What may have gone out before the customer said stop is still to be found out.
    if (refused !== null && !uncertain) return this.refuse(message, refused, account);
    const outcome = uncertain
      ? await reconcileReply(reply, account, parts, this.queue)
      : await sendReply(message, account, parts);
    if ('end' in outcome) return this.end(message, outcome.end, account);
    const { afterMs, code, reason, uncertain: isUncertain = false, atOnce = false } = outcome.again;
    // Whatever the count: what may have gone out is asked about at least once.
    const isUnasked = isUncertain && !uncertain;
    if (attempt >= timings.sendAttempts && !isUnasked) {
      const end = isUncertain ? unknownEnd(reason) : failure(code, `given up after ${attempt} attempts: ${reason}`);
      return this.end(message, end, account);
    }
    const backOff = backOffMs(attempt, timings.sendBackOffBaseMs, timings.sendBackOffMaxMs);
    const waitMs = atOnce ? 0 : Math.max(afterMs, backOff);
    logger.warn('a reply is tried again later', {
      outbound_id: message.outbound_id,
      account: message.account_id,
      code,
      reason,
      attempt,
      uncertain: isUncertain,
      waitMs,
    });
    await this.queue.postpone(message, waitMs, isUncertain);
  }

  /** The customer's word against the agent's: told on the ticket, and nothing is wrong with the account. */
  private async refuse(
    message: TakenReply['message'],
    { evidence, at }: NonNullable<TakenReply['refused']>,
    account: HostedAccount | undefined,
  ): Promise<void> {
    const end = failure('PERMISSION', `the customer opted out of messages with "${evidence}" at ${at}`);
    await this.queue.finish(message, end);
    this.measure(message, end, account);
  }

  private async end(message: TakenReply['message'], end: ReplyEnd, account: HostedAccount | undefined): Promise<void> {
    await this.queue.finish(message, end);
    if (account !== undefined && end.status === 'failed' && NEEDS_A_PERSON.includes(end.code ?? ''))
      await this.options.cannotSend?.(account, {
        code: end.code as ErrorCode,
        message: `a reply could not be sent: ${end.reason ?? ''}`,
      });
    this.measure(message, end, account);
  }

  private measure(message: TakenReply['message'], end: ReplyEnd, account: HostedAccount | undefined): void {
    const labels =
      account === undefined
        ? { channel: message.channel, channel_slug: message.channel_slug, account: 'unknown' }
        : labelsOf(account);
    this.options.parts.metrics.count('fanin_channel_sent_total', { ...labels, status: end.status });
  }

  private async recover(): Promise<void> {
    const { accountOf, parts } = this.options;
    const count = await this.queue.recover(this.slugs, (message): Recovery => {
      const account = accountOf(message.account_id);
      if (account?.manifest.sending === 'idempotent') return { again: { uncertain: false } };
      if (account !== undefined && mayAsk(account)) return { again: { uncertain: true } };
      return { end: unknownEnd('the service ended while it was being sent') };
    });
    if (count > 0) parts.logger.warn('replies of a process that died were recovered', { count });
  }
}
