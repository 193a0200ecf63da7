import type { Api } from './api.js';
import type { DeliveryView, FateCounts, FateReport } from './api-types.js';
import { until } from './until.js';

/** The counts of a channel once nothing of it is in flight; throws when they do not add up on the way. */
export function fatesAtRest(api: Api, channel: string): Promise<FateCounts> {
  return until(
    `nothing of ${channel} is in flight`,
    async () => {
      const { channels } = await api.get<FateReport>('/fates');
      const counts = channels.find((each) => each.channel === channel);
      if (counts === undefined) return undefined;
      const sum = Object.values(counts.fates).reduce((total, count) => total + count, counts.in_flight);
      if (sum !== counts.captured) throw new Error(`captured ${counts.captured}, but there are fates for ${sum}`);
      return counts.in_flight === 0 && counts;
    },
    30_000,
  );
}

/** What of an account could not be read. */
export async function deadLettersOf(api: Api, accountId: string): Promise<readonly DeliveryView[]> {
  const all = await api.all<DeliveryView>('/deliveries?fate=dead_lettered&limit=200');
  return all.filter(({ account_id: id }) => id === accountId);
}
