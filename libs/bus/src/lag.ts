import type { Clock, Logger, Metrics } from '@fanin/kernel';
import { messageOf } from '@fanin/kernel';
import type { Bus } from './port.js';

export interface LagOptions {
  readonly bus: Pick<Bus, 'positions'>;
  readonly watched: readonly { readonly topic: string; readonly group: string }[];
  /** Default 15 000. */
  readonly everyMs?: number;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics;
}

export interface LagReporter {
  stop(): Promise<void>;
}

/**
 * Measures how far groups are behind, as `fanin_bus_lag_records` by group, topic and partition: measured by the consumer
 * itself, so that no exporter beside the log is needed. A group that never committed lags by everything that is kept.
 */
export function startLagReporter(options: LagOptions): LagReporter {
  const over = new AbortController();
  const measure = async (): Promise<void> => {
    for (const { topic, group } of options.watched) {
      for (const at of await options.bus.positions(topic, group)) {
        const from = at.committed === null || at.committed < at.earliest ? at.earliest : at.committed;
        options.metrics.gauge(
          'fanin_bus_lag_records',
          { group, topic, partition: String(at.partition) },
          Number(at.end - from),
        );
      }
    }
  };
  const running = (async (): Promise<void> => {
    while (!over.signal.aborted) {
      await measure().catch((error: unknown) =>
        options.logger.warn('the lag could not be measured', { reason: messageOf(error) }),
      );
      await options.clock.sleep(options.everyMs ?? 15_000, over.signal);
    }
  })();
  return {
    stop: async () => {
      over.abort();
      await running;
    },
  };
}
