import type { ProcessPort } from './process-port.js';
import { untilStopped } from './until-stopped.js';

class ScriptedProcess implements ProcessPort {
  readonly argv: string[] = [];
  readonly env = {};
  readonly lines: string[] = [];
  readonly exits: number[] = [];
  signal: (name: string) => void = () => undefined;
  uncaught: (error: unknown) => void = () => undefined;
  print = (line: string): void => void this.lines.push(line);
  complain = (line: string): void => void this.lines.push(line);
  exit = (code: number): void => void this.exits.push(code);

  onSignal(listener: (signal: string) => void): () => void {
    this.signal = listener;
    return () => (this.signal = () => undefined);
  }

  onUncaught(listener: (error: unknown) => void): () => void {
    this.uncaught = listener;
    return () => (this.uncaught = () => undefined);
  }
}

describe('untilStopped', () => {
  let stops: number;
  const work = (
    failed: Promise<never> = new Promise(() => undefined),
    start: Promise<unknown> = Promise.resolve(),
  ) => ({
    start: async () => {
      await start;
      return { failed };
    },
    stop: async () => {
      stops += 1;
    },
  });
  beforeEach(() => (stops = 0));

  it('ends with 0 after a signal, once, also when npm passes the same signal on', async () => {
    const process = new ScriptedProcess();
    const code = untilStopped(process, work());
    process.signal('SIGINT');
    process.signal('SIGTERM');
    expect(await code).toBe(0);
    expect([stops, process.exits]).toEqual([1, []]);
  });

  it('waits for a start that a signal interrupts, so that what it opened is closed', async () => {
    const process = new ScriptedProcess();
    let opened: (value?: unknown) => void = () => undefined;
    const code = untilStopped(process, work(undefined, new Promise((resolve) => (opened = resolve))));
    process.signal('SIGTERM');
    await new Promise((resolve) => setImmediate(resolve));
    expect(stops).toBe(0);
    opened();
    expect(await code).toBe(0);
    expect(stops).toBe(1);
  });

  it('stops and rejects when the work dies of itself', async () => {
    await expect(untilStopped(new ScriptedProcess(), work(Promise.reject(new Error('died'))))).rejects.toThrow('died');
    expect(stops).toBe(1);
  });

  it('ends with 1 after an error that nobody caught', async () => {
    const process = new ScriptedProcess();
    const code = untilStopped(process, work());
    process.uncaught(new Error('stray'));
    expect(await code).toBe(1);
    expect(process.lines.join()).toMatch('stray');
  });
});
