import type { Api } from './api.js';
import type { FateCounts, FateReport } from './api-types.js';
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
