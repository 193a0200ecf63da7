import { getMaxListeners } from 'node:events';
import { createSystemClock } from './clock.js';
import { createStop } from './create-stop.js';
import { cutByAny } from './cut-by-any.js';

describe('createStop', () => {
  it('makes a signal that ends everything that waits on it', async () => {
    const stop = createStop();
    const clock = createSystemClock();
    const waiting = Array.from({ length: 12 }, () =>
      cutByAny([stop.signal, new AbortController().signal], (cut) => clock.sleep(60_000, cut)),
    );
    stop.abort();
    await Promise.all(waiting);
  });

  // The warning itself goes past a test: Jest hands it a copy of `process`.
  it('has no number of listeners that Node takes for a leak', () => {
    expect(getMaxListeners(createStop().signal)).toBe(Infinity);
  });
});
