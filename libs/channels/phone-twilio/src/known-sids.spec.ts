import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { createSystemClock, type Clock } from '@fanin/kernel';
import { KnownSids } from './known-sids.js';

const sidOf = (n: number): string => `SM${String(n).padStart(32, '0')}`;

describe('SIDs that are known', () => {
  it('are known once they are settled, and forgotten after three hours', () => {
    let now = 0;
    const clock: Clock = { ...createSystemClock(), monotonicMs: () => now };
    const known = new KnownSids(clock);
    known.add(sidOf(1));
    expect(known.has(sidOf(1))).toBe(false);
    now = 15_000;
    expect(known.has(sidOf(1))).toBe(true);
    now = 3 * 3_600_000;
    known.add(sidOf(2));
    expect(known.has(sidOf(1))).toBe(false);
  });

  it('are fifty thousand at most', () => {
    const known = new KnownSids(createSystemClock(), 0);
    for (let n = 0; n < 50_010; n += 1) known.add(sidOf(n));
    expect([9, 10, 50_009].map((n) => known.has(sidOf(n)))).toEqual([false, true, true]);
  });

  it('do not hold the bodies that they came in', () => {
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    const used = (): number => {
      collect();
      return process.memoryUsage().heapUsed;
    };
    const known = new KnownSids(createSystemClock(), 0);
    const before = used();
    for (let n = 0; n < 2_000; n += 1) {
      const body = Buffer.from(`MessageSid=${sidOf(n)}&Body=${'x'.repeat(50_000)}`).toString();
      known.add(body.slice(11, 45));
    }
    expect(used() - before).toBeLessThan(10_000_000);
    expect(known.has(sidOf(0))).toBe(true);
  });
});
