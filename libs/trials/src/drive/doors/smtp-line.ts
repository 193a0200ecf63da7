import { connect, type Socket } from 'node:net';

export interface SmtpReply {
  readonly code: number;
  readonly text: string;
}

/** The line broke; `handedOver` tells whether the whole mail had been written by then. */
export class LineBroken extends Error {
  constructor(
    reason: string,
    readonly handedOver: boolean,
  ) {
    super(reason);
    this.name = 'LineBroken';
  }
}

/** The server did not want to talk at all; the message is what it said. */
export class NotLetIn extends Error {}

const ANSWER_WITHIN_MS = 30_000;

/**
 * A client's side of one SMTP connection (RFC 5321), as a mail server speaks it: one EHLO, then mail after mail, the envelope
 * in one write (RFC 2920). It knows just enough, so that a load of it costs little.
 */
export class SmtpLine {
  private readonly replies: SmtpReply[] = [];
  private waiting: { resolve(reply: SmtpReply): void; reject(error: Error): void } | undefined;
  private received = '';
  private broken: Error | undefined;

  private constructor(private readonly socket: Socket) {
    socket.setNoDelay(true);
    socket.setTimeout(ANSWER_WITHIN_MS, () => socket.destroy(new Error('no answer')));
    socket.on('data', (chunk: Buffer) => this.read(chunk));
    socket.on('error', (error) => (this.broken ??= error));
    socket.on('close', () => this.lost());
  }

  /** `from`: the loopback address of the server that speaks. */
  static async open(host: string, port: number, from: string): Promise<SmtpLine> {
    const line = new SmtpLine(connect({ host, port, localAddress: from }));
    const greeting = await line.reply();
    if (greeting.code !== 220) throw new NotLetIn(`${greeting.code} ${greeting.text.slice(0, 5)}`);
    line.write('EHLO driver.example\r\n');
    const { code } = await line.reply();
    if (code !== 250) throw new Error(`EHLO ${code}`);
    return line;
  }

  get usable(): boolean {
    return this.broken === undefined && !this.socket.destroyed;
  }

  /** The answer to the whole mail, or the first that refused a part of it. Rejects with LineBroken. */
  async send(from: string, to: string, raw: Buffer): Promise<SmtpReply> {
    let handedOver = false;
    try {
      this.write(`MAIL FROM:<${from}>\r\nRCPT TO:<${to}>\r\nDATA\r\n`);
      const [mail, recipient, data] = [await this.reply(), await this.reply(), await this.reply()];
      if (data.code !== 354) {
        this.write('RSET\r\n');
        await this.reply();
        return [mail, recipient, data].find(({ code }) => code >= 400) ?? data;
      }
      handedOver = true;
      this.socket.write(raw);
      this.write('.\r\n');
      return await this.reply();
    } catch (error) {
      throw new LineBroken(error instanceof Error ? error.message : String(error), handedOver);
    }
  }

  close(): void {
    this.socket.end('QUIT\r\n');
    this.socket.destroySoon();
  }

  private write(text: string): void {
    this.socket.write(text, 'latin1');
  }

  private reply(): Promise<SmtpReply> {
    const here = this.replies.shift();
    if (here !== undefined) return Promise.resolve(here);
    if (this.broken !== undefined) return Promise.reject(this.broken);
    return new Promise((resolve, reject) => (this.waiting = { resolve, reject }));
  }

  private read(chunk: Buffer): void {
    this.received += chunk.toString('latin1');
    for (let end = this.received.indexOf('\r\n'); end >= 0; end = this.received.indexOf('\r\n')) {
      const line = this.received.slice(0, end);
      this.received = this.received.slice(end + 2);
      if (line[3] === '-') continue;
      this.take({ code: Number(line.slice(0, 3)), text: line.slice(4) });
    }
  }

  private take(reply: SmtpReply): void {
    const { waiting } = this;
    this.waiting = undefined;
    if (waiting === undefined) this.replies.push(reply);
    else waiting.resolve(reply);
  }

  private lost(): void {
    this.broken ??= new Error('the server closed the connection');
    this.waiting?.reject(this.broken);
    this.waiting = undefined;
  }
}
