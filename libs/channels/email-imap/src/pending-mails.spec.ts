import { createSystemClock } from '@fanin/kernel';
import { PendingMails, RETRY_DELAYS } from './pending-mails.js';

const HOUR_MS = 3_600_000;

it.each([HOUR_MS, 24 * HOUR_MS])('a clock that was set back by %i ms makes no mail wait for that long', (ms) => {
  let now = 1_795_000_000_000;
  const clock = { ...createSystemClock(), now: () => now };
  const before = new PendingMails([], RETRY_DELAYS, clock);
  before.missed(7, 'failed');
  expect(before.nextRetryAt()).toBe(now + 5_000);
  now -= ms;
  const after = new PendingMails(before.list(), RETRY_DELAYS, clock);
  expect(after.due()).toEqual([]);
  expect(after.nextRetryAt()).toBe(now + 600_000);
  now += 600_000;
  expect(after.due()).toMatchObject([{ uid: 7, attempts: 1, why: 'failed' }]);
});
