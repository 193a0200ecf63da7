import { getEventListeners, once } from 'node:events';
import { createServer, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Principal, Shutdown } from '@fanin/platform';
import type { FastifyReply } from 'fastify';
import type { LiveHub } from '../live/live-hub.js';
import { LiveController } from './live.controller.js';

describe('LiveController', () => {
  it.each([
    ['left while its key was looked up', 'before'],
    ['leaves later', 'after'],
  ])('keeps nothing of a reader who %s', async (_, when) => {
    const readers = new Set<unknown>();
    const hub: LiveHub = {
      subscribe: (listener) => {
        readers.add(listener);
        return () => readers.delete(listener);
      },
      since: () => [],
      listening: Promise.resolve(),
      close: () => Promise.resolve(),
    };
    const stopping = new AbortController();
    const controller = new LiveController(hub, { signal: stopping.signal } as Shutdown);
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    try {
      const asking = request({ host: '127.0.0.1', port: (server.address() as AddressInfo).port }).end();
      asking.on('error', () => undefined);
      const [, raw] = (await once(server, 'request')) as [unknown, ServerResponse];
      const listen = (): void => {
        const reply = { raw, hijack: () => undefined, getHeaders: () => ({}) } as unknown as FastifyReply;
        controller.liveChanges({ tenant: 'shop' } as Principal, undefined, reply);
      };
      const closed = once(raw, 'close');
      if (when === 'after') {
        listen();
        expect([readers.size, getEventListeners(stopping.signal, 'abort').length]).toEqual([1, 1]);
      }
      asking.destroy();
      await closed;
      if (when === 'before') listen();
      expect([readers.size, getEventListeners(stopping.signal, 'abort').length]).toEqual([0, 0]);
    } finally {
      server.close();
      server.closeAllConnections();
    }
  });
});
