import { silentLogger, type Clock } from '@fanin/kernel';
import { startFlushLoop } from './flush-loop.js';
import { MARKS_PER_FLUSH } from './window-flusher.js';

/** Time passes only in flushes and in sleeps, of which the loop makes so many. */
class Stage {
  readonly slept: number[] = [];
  flushes = 0;
  private now = 0;

  constructor(
    private readonly sleeps: number,
    private readonly flush: (n: number) => { readonly ms: number; readonly sent: number | Error },
  ) {}

  async run(): Promise<void> {
    let reached: () => void = () => undefined;
    const done = new Promise<void>((resolve) => (reached = resolve));
    const clock = {
      monotonicMs: () => this.now,
      sleep: async (ms: number, signal?: AbortSignal) => {
        this.slept.push(ms);
        if (this.slept.length < this.sleeps) return;
        reached();
        await new Promise<void>((resolve) => signal?.addEventListener('abort', () => resolve(), { once: true }));
      },
    } as unknown as Clock;
    const flusher = {
      flush: () => {
        const { ms, sent } = this.flush(this.flushes);
        this.flushes += 1;
        this.now += ms;
        return sent instanceof Error ? Promise.reject(sent) : Promise.resolve(sent);
      },
    };
    const loop = startFlushLoop(flusher, clock, silentLogger);
    await done;
    await loop.stop();
  }
}

describe('the flush loop', () => {
  it('looks every second while that costs little, and rests ten times as long as it worked', async () => {
    const stage = new Stage(3, (n) => ({ ms: [5, 400, 0][n] ?? 0, sent: 3 }));
    await stage.run();
    expect(stage.slept).toEqual([1_000, 4_000, 1_000]);
  });

  it('rests a quarter of a minute at most, however long the database stood still', async () => {
    const stage = new Stage(2, (n) => ({ ms: n === 0 ? 30_000 : 0, sent: 1 }));
    await stage.run();
    expect(stage.slept).toEqual([15_000, 1_000]);
  });

  it('goes on at once while there may be more, and counts all of it as work', async () => {
    const stage = new Stage(1, (n) => ({ ms: 100, sent: n < 3 ? MARKS_PER_FLUSH : 0 }));
    await stage.run();
    expect(stage.flushes).toBe(4);
    expect(stage.slept).toEqual([4_000]);
  });

  it('pauses after an error and goes on', async () => {
    const stage = new Stage(2, (n) => ({ ms: 1, sent: n === 0 ? new Error('the database is away') : 0 }));
    await stage.run();
    expect(stage.slept).toEqual([5_000, 1_000]);
  });
});
