import { createHash } from 'node:crypto';
import type { Api } from './api.js';
import type { DeliveryView } from './api-types.js';
import { until } from './until.js';

/** What was captured of these bytes, newest first, once `count` of them have a fate. */
export function deliveriesOf(api: Api, raw: Buffer, count: number): Promise<readonly DeliveryView[]> {
  const sha256 = createHash('sha256').update(raw).digest('hex');
  return until(`${count} deliveries with a fate`, async () => {
    const rows = (await api.all<DeliveryView>('/deliveries?limit=200')).filter((row) => row.sha256 === sha256);
    return rows.length === count && rows.every(({ parts }) => parts.length > 0) ? rows : undefined;
  });
}

export function fateOf(delivery: DeliveryView): string {
  return delivery.parts.map(({ fate }) => fate).join();
}
