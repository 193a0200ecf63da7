import { getEventListeners } from 'node:events';
import { cutByAny } from './cut-by-any.js';

describe('cutByAny', () => {
  it('aborts with the first that aborts, for its reason', async () => {
    const [first, second] = [new AbortController(), new AbortController()];
    await cutByAny([first.signal, second.signal], async (cut) => {
      expect(cut.aborted).toBe(false);
      second.abort('the second');
      first.abort('the first');
      expect([cut.aborted, cut.reason]).toEqual([true, 'the second']);
    });
  });

  it('is aborted from the start when one of them is', async () => {
    const live = new AbortController();
    await cutByAny([live.signal, AbortSignal.abort('before')], async (cut) => {
      expect([cut.aborted, cut.reason]).toEqual([true, 'before']);
    });
    expect(getEventListeners(live.signal, 'abort')).toHaveLength(0);
  });

  it('leaves nothing on a signal that lives on, however the work ends', async () => {
    const long = new AbortController();
    expect(await cutByAny([long.signal, AbortSignal.timeout(60_000)], async () => 'done')).toBe('done');
    const failing = cutByAny([long.signal], async () => {
      throw new Error('it failed');
    });
    await expect(failing).rejects.toThrow('it failed');
    const thrown = cutByAny([long.signal], () => {
      throw new Error('at once');
    });
    await expect(thrown).rejects.toThrow('at once');
    expect(getEventListeners(long.signal, 'abort')).toHaveLength(0);
  });

  it('lets go when it is cut, though the work never ends', async () => {
    const [long, short] = [new AbortController(), new AbortController()];
    void cutByAny([long.signal, short.signal], () => new Promise(() => undefined));
    expect(getEventListeners(long.signal, 'abort')).toHaveLength(1);
    short.abort();
    expect(getEventListeners(long.signal, 'abort')).toHaveLength(0);
  });

  it('lets many wait on one signal without a warning', async () => {
    const warnings: Error[] = [];
    const warned = (warning: Error): number => warnings.push(warning);
    process.on('warning', warned);
    const long = new AbortController();
    const waiting = Array.from({ length: 50 }, () =>
      cutByAny([long.signal], (cut) => new Promise((resolve) => cut.addEventListener('abort', resolve))),
    );
    long.abort();
    await Promise.all(waiting);
    await new Promise((resolve) => setImmediate(resolve));
    process.off('warning', warned);
    expect(warnings).toEqual([]);
  });
});
