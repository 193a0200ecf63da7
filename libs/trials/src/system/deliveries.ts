import { createHash } from 'node:crypto';
import type { Api } from './api.js';
import type { DeliveryView } from './api-types.js';
import { until } from './until.js';

/** What the ledger holds of any of these bytes, newest first. */
export async function capturedOf(api: Api, ...raws: readonly Buffer[]): Promise<readonly DeliveryView[]> {
  const wanted = new Set(raws.map((raw) => createHash('sha256').update(raw).digest('hex')));
  return (await api.all<DeliveryView>('/deliveries?limit=200')).filter(({ sha256 }) => wanted.has(sha256));
}

/** What was captured of these bytes, newest first, once `count` of them have a fate. */
export function deliveriesOf(api: Api, raw: Buffer, count: number): Promise<readonly DeliveryView[]> {
  return until(`${count} deliveries with a fate`, async () => {
    const rows = await capturedOf(api, raw);
    return rows.length === count && rows.every(({ parts }) => parts.length > 0) ? rows : undefined;
  });
}

export function fateOf(delivery: DeliveryView): string {
  return delivery.parts.map(({ fate }) => fate).join();
}
