import { connect, type Socket } from 'node:net';

/** What the parent sends: requests as bytes, ready for the wire. */
export interface LoadOrder {
  readonly port: number;
  readonly requests: readonly string[];
  readonly connections: number;
  readonly ms: number;
}

/** What comes back. */
export interface LoadReport {
  readonly answered: number;
  /** Answers other than 2xx. */
  readonly refused: number;
  readonly seconds: number;
}

const ANSWER = /^HTTP\/1\.1 (\d{3})[^]*?\r\n\r\n/;
const LENGTH = /\r\ncontent-length: (\d+)\r\n/i;

/**
 * The load generator of the edge figures, a process of its own so that its work does not count as the server's: keep-alive
 * connections that each send the next request when the answer to the last one is whole. It knows just enough of HTTP.
 */
class Load {
  private next = 0;
  private answered = 0;
  private refused = 0;

  constructor(private readonly order: LoadOrder) {}

  async run(): Promise<LoadReport> {
    const sockets = await Promise.all(Array.from({ length: this.order.connections }, () => this.open()));
    const began = performance.now();
    const until = began + this.order.ms;
    await Promise.all(sockets.map((socket) => this.drive(socket, until)));
    const seconds = (performance.now() - began) / 1000;
    for (const socket of sockets) socket.destroy();
    return { answered: this.answered, refused: this.refused, seconds };
  }

  private open(): Promise<Socket> {
    return new Promise((resolve, reject) => {
      const socket = connect({ port: this.order.port, host: '127.0.0.1', noDelay: true }, () => resolve(socket));
      socket.once('error', reject);
    });
  }

  private drive(socket: Socket, until: number): Promise<void> {
    return new Promise((resolve, reject) => {
      let received = '';
      socket.on('error', reject);
      socket.on('close', () => reject(new Error('the server closed a connection')));
      socket.on('data', (chunk: Buffer) => {
        received += chunk.toString('latin1');
        const head = ANSWER.exec(received);
        if (head === null) return;
        const length = Number(LENGTH.exec(head[0])?.[1] ?? 0);
        if (received.length < head[0].length + length) return;
        received = '';
        this.answered += 1;
        if (!head[1]?.startsWith('2')) this.refused += 1;
        if (performance.now() < until) return this.send(socket);
        socket.removeAllListeners('close');
        resolve();
      });
      this.send(socket);
    });
  }

  private send(socket: Socket): void {
    const { requests } = this.order;
    socket.write(requests[this.next++ % requests.length] ?? '', 'utf8');
  }
}

process.on('message', (order: LoadOrder) => {
  void new Load(order).run().then(
    (report) => process.send?.(report),
    (error: unknown) => process.send?.({ answered: 0, refused: 0, seconds: 0, error: String(error) }),
  );
});
