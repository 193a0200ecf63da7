import type { Server, Socket } from 'node:net';
import { connect, createServer } from 'node:net';

export interface TcpProxy {
  readonly port: number;
  /** Resets all connections and refuses new ones: a server that is gone. */
  cut(): void;
  /** Keeps connections open and carries nothing: a frozen server or a lost cable. */
  freeze(): void;
  /**
   * The connections of now carry nothing ever again and are not closed, new ones work: a peer that is gone without a word.
   * Answers how many there are.
   */
  strand(): number;
  mend(): void;
  close(): Promise<void>;
}

/** A TCP proxy on loopback whose line a test can cut, freeze and mend. */
export async function startTcpProxy(target: { readonly host: string; readonly port: number }): Promise<TcpProxy> {
  const sockets = new Set<Socket>();
  const stranded = new WeakSet<Socket>();
  let state: 'open' | 'cut' | 'frozen' = 'open';
  const server: Server = createServer({ pauseOnConnect: true }, (near) => {
    if (state === 'cut') {
      near.resetAndDestroy();
      return;
    }
    const far = connect(target);
    for (const [socket, other] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(socket);
      socket.setNoDelay(true);
      socket.on('data', (data) => {
        if (!other.write(data)) socket.pause();
      });
      socket.on('drain', () => {
        if (state !== 'frozen' && !stranded.has(other)) other.resume();
      });
      socket.on('error', () => undefined);
      socket.on('close', () => {
        sockets.delete(socket);
        other.destroy();
      });
    }
    if (state === 'open') near.resume();
    else far.pause();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as { port: number }).port,
    cut: () => {
      state = 'cut';
      for (const socket of sockets) socket.resetAndDestroy();
    },
    freeze: () => {
      state = 'frozen';
      for (const socket of sockets) socket.pause();
    },
    strand: () => {
      for (const socket of sockets) {
        stranded.add(socket);
        socket.pause();
      }
      return sockets.size / 2;
    },
    mend: () => {
      state = 'open';
      for (const socket of sockets) if (!stranded.has(socket)) socket.resume();
    },
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
