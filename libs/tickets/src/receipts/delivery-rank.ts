import type { DeliveryStatus } from '@fanin/contracts';

/**
 * Statuses only move forward. `failed` stands behind `sent` because a bounce follows it, and before `delivered` because
 * some providers report a delivery after a failure of an earlier try.
 */
const RANK: Readonly<Record<DeliveryStatus, number>> = {
  queued: 0,
  unknown: 1,
  sent: 2,
  failed: 3,
  delivered: 4,
  read: 5,
};

export function isForward(from: DeliveryStatus, to: DeliveryStatus): boolean {
  return RANK[to] > RANK[from];
}
