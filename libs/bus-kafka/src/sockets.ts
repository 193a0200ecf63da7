import type { Socket } from 'node:net';
import { connect, isIP } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { ISocketFactory } from 'kafkajs';

const KEEP_ALIVE_MS = 10_000;

/** The connections of one client, so that a client that would not end by itself can be cut off. */
export interface Sockets {
  readonly factory: ISocketFactory;
  /** Closes every connection at once and refuses new ones. */
  destroy(): void;
}

/**
 * kafkajs waits without limit for requests in flight and has no way to abandon a client, so a stuck one would keep the
 * process alive after `close`. Keep-alive is shorter than its default of 60 s: a peer that vanished is noticed.
 */
export function createSockets(): Sockets {
  const open = new Set<Socket>();
  let destroyed = false;
  return {
    factory: ({ host, port, ssl, onConnect }) => {
      if (destroyed) throw new Error('this Kafka client is closed');
      const socket = ssl
        ? connectTls({ host, port, ...(isIP(host) === 0 ? { servername: host } : {}), ...ssl }, onConnect)
        : connect({ host, port }, onConnect);
      socket.setKeepAlive(true, KEEP_ALIVE_MS);
      socket.setNoDelay(true);
      open.add(socket);
      socket.once('close', () => open.delete(socket));
      return socket;
    },
    destroy: () => {
      destroyed = true;
      for (const socket of open) {
        // kafkajs does not listen to 'close': without an 'end' its request timers would run for ever.
        socket.emit('end');
        socket.destroy();
      }
    },
  };
}
