import { connect, type Socket } from 'node:net';

/** What the parent sends. */
export interface SmtpLoadOrder {
  readonly port: number;
  readonly recipient: string;
  readonly bytes: number;
  readonly connections: number;
  readonly ms: number;
}

/** What comes back. */
export interface SmtpLoadReport {
  readonly accepted: number;
  /** Answers that are neither 2xx nor 354. */
  readonly refused: number;
  readonly seconds: number;
  readonly error?: string;
}

/** A turn of the load numbers its mails on: a Message-ID is never used twice. */
let mails = 0;

/**
 * The load generator of `edge_smtp`, a process of its own: connections that stay and each send the next mail when the last
 * one is accepted, envelope pipelined (RFC 2920) as a sending mail server does it. It knows just enough of SMTP.
 */
class SmtpLoad {
  private accepted = 0;
  private refused = 0;

  constructor(private readonly order: SmtpLoadOrder) {}

  async run(): Promise<SmtpLoadReport> {
    const began = performance.now();
    const until = began + this.order.ms;
    await Promise.all(Array.from({ length: this.order.connections }, (_, n) => this.drive(n, until)));
    return { accepted: this.accepted, refused: this.refused, seconds: (performance.now() - began) / 1_000 };
  }

  private drive(connection: number, until: number): Promise<void> {
    return new Promise((resolve, reject) => {
      const socket = connect({ port: this.order.port, host: '127.0.0.1', noDelay: true });
      let received = '';
      let greeted = false;
      socket.on('error', reject);
      socket.on('close', () => reject(new Error('the server closed a connection')));
      const next = (): void => {
        if (performance.now() < until) return this.send(socket, connection);
        socket.removeAllListeners('close');
        socket.end('QUIT\r\n');
        resolve();
      };
      socket.on('data', (chunk: Buffer) => {
        received += chunk.toString('latin1');
        for (let end = received.indexOf('\r\n'); end >= 0; end = received.indexOf('\r\n')) {
          const line = received.slice(0, end);
          received = received.slice(end + 2);
          if (line.startsWith('220')) socket.write('EHLO load.example\r\n');
          else if (line.startsWith('250 2.0.0')) {
            this.accepted += 1;
            next();
          } else if (line.startsWith('250 ') && !greeted) {
            greeted = true;
            next();
          } else if (line.startsWith('354')) socket.write(this.mail(connection));
          else if (!line.startsWith('2')) this.refused += 1;
        }
      });
    });
  }

  private send(socket: Socket, connection: number): void {
    const { recipient } = this.order;
    socket.write(`MAIL FROM:<customer-${connection}@customer.example>\r\nRCPT TO:<${recipient}>\r\nDATA\r\n`);
  }

  private mail(connection: number): string {
    mails += 1;
    const head = [
      `From: Customer <customer-${connection}@customer.example>`,
      `To: <${this.order.recipient}>`,
      `Subject: Order ${mails}`,
      `Message-ID: <${process.pid}.${mails}@customer.example>`,
      `Date: ${new Date().toUTCString()}`,
      'MIME-Version: 1.0',
      'Content-Type: text/plain; charset=utf-8',
      '',
      '',
    ].join('\r\n');
    const line = 'Hello, my order has not arrived yet although the tracking page says so.\r\n';
    const lines = line.repeat(Math.max(1, Math.ceil((this.order.bytes - head.length) / line.length)));
    return `${head}${lines}.\r\n`;
  }
}

process.on('message', (order: SmtpLoadOrder) => {
  void new SmtpLoad(order).run().then(
    (report) => process.send?.(report),
    (error: unknown) => process.send?.({ accepted: 0, refused: 0, seconds: 0, error: String(error) }),
  );
});
