import { getEventListeners } from 'node:events';
import { createSystemClock, silentLogger } from '@fanin/kernel';
import type { Database } from '@fanin/platform';
import { createLiveHub } from './live-hub.js';

describe('createLiveHub', () => {
  it('keeps nothing of the connections that it could not make', async () => {
    const nowhere = { pool: { options: { host: '127.0.0.1', port: 1 } } } as unknown as Database;
    const real = createSystemClock();
    const listeners: number[] = [];
    let tried: () => void = () => undefined;
    const enough = new Promise<void>((resolve) => (tried = resolve));
    const sleep = async (ms: number, stop?: AbortSignal): Promise<void> => {
      if (stop !== undefined) listeners.push(getEventListeners(stop, 'abort').length);
      if (listeners.length < 10) return;
      tried();
      await real.sleep(ms, stop);
    };
    const hub = createLiveHub(nowhere, { ...real, sleep }, silentLogger);
    await enough;
    await hub.close();
    expect(listeners).toEqual(new Array(10).fill(0));
  });
});
