import type { InboundMessageV1 } from '@fanin/contracts';
import {
  FaninError,
  isoTime,
  noCrashPoints,
  noMetrics,
  type Clock,
  type CrashPoints,
  type Metrics,
} from '@fanin/kernel';
import type { Database } from '@fanin/platform';
import type { Publishing } from '../events/publishing.js';
import { keyMessage } from './batch-keys.js';
import { refuseIdsOfOthers } from '../tickets/message-rows.js';
import { StaleMessage, StaleRead } from './batch-state.js';
import { createIdFactory } from './id-factory.js';
import { readBatchState } from './lookup.js';
import { planBatch } from './plan-batch.js';
import { writePlan } from './write-plan.js';

export interface IntakeDependencies {
  readonly database: Database;
  readonly publishing: Publishing;
  readonly clock: Clock;
  /** Default none. */
  readonly crashPoints?: CrashPoints;
  readonly metrics?: Metrics;
}

export interface Intake {
  /**
   * Makes tickets of messages, in order, in one transaction. When it resolves, all of it is committed; when it rejects,
   * nothing is. Handling the same messages again changes nothing. May be called concurrently, also by other processes.
   */
  handleBatch(messages: readonly InboundMessageV1[]): Promise<void>;
}

/** Racing consumers read again after each other's commit, so a few rounds settle any race that is one. */
const MAX_ROUNDS = 8;

export function createIntake(dependencies: IntakeDependencies): Intake {
  const { database, publishing, clock, crashPoints = noCrashPoints, metrics = noMetrics } = dependencies;
  const newId = createIdFactory(clock);

  return {
    async handleBatch(messages) {
      if (messages.length === 0) return;
      const batch = messages.map(keyMessage);
      for (let round = 1; ; round += 1) {
        try {
          // Batches mix tenants: every statement of the batch names the tenant of each row itself.
          await database.transaction('*', async (client) => {
            const state = await readBatchState(client, batch);
            const now = isoTime(clock.now());
            const plan = planBatch(batch, state, { now, newId });
            await writePlan(client, plan, state, { publishing, crashPoints }, now);
          });
          crashPoints.at('tickets.committed');
          return;
        } catch (error) {
          if (!(error instanceof StaleRead)) throw error;
          metrics.count('fanin_tickets_stale_reads_total');
          if (error instanceof StaleMessage) await refuseIdsOfOthers(database, error.messages);
          if (round >= MAX_ROUNDS)
            throw new FaninError('BUG', `a batch could not be settled in ${MAX_ROUNDS} rounds: ${error.message}`);
          await clock.sleep(5 * round * Math.random());
        }
      }
    },
  };
}
