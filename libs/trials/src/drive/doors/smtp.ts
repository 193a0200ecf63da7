import { ACKNOWLEDGED, refused, unsure, type Answer, type Door, type DrivenMessage } from '../door.js';
import { LineBroken, NotLetIn, SmtpLine } from './smtp-line.js';

export interface SmtpDoorSpec {
  readonly kind: 'smtp';
  readonly account: string;
  readonly host?: string;
  readonly port: number;
  /** Address of the account. */
  readonly to: string;
  /** Bytes of a mail's text; default 4 KiB. */
  readonly textBytes?: number;
  /** Customers who write; default: each conversation has one of its own. */
  readonly customers?: number;
  /** Mail servers that customers' mails come from, each with an address of its own; default 1. */
  readonly servers?: number;
}

/** Lower than what a line break in a text could be: no line begins with a dot. */
export function mailOf(message: DrivenMessage, from: string, to: string): Buffer {
  const { id, first, previous, n } = message;
  const references = first === undefined || previous === undefined ? [] : [...new Set([first, previous])];
  const lines = [
    'Received: from mx.customer.example by driver.example with ESMTP; Sun, 22 Nov 2026 06:00:00 +0000',
    `From: Customer ${message.party} <${from}>`,
    `To: Shop <${to}>`,
    `Subject: ${n === 1 ? '' : 'Re: '}Question ${message.conversation}`,
    `Message-ID: <${id}>`,
    `Date: ${new Date().toUTCString()}`,
    ...(references.length === 0
      ? []
      : [`In-Reply-To: <${previous}>`, `References: ${references.map((each) => `<${each}>`).join(' ')}`]),
    'MIME-Version: 1.0',
    'Content-Type: text/plain; charset=utf-8',
    'Content-Transfer-Encoding: 7bit',
    'User-Agent: Customer Mail 1.0',
  ];
  return Buffer.from(`${lines.join('\r\n')}\r\n\r\n${message.text.replaceAll('\n', '\r\n')}\r\n`);
}

/** What a mail server keeps open to one destination (Postfix: 20; 50 is what the door takes of one address). */
const LINES = 40;
/** A mail that finds no free line for so long stays in its server's queue for a later round. */
const QUEUE_PATIENCE_MS = 5_000;

/**
 * Mails over some connections, one mail at a time on each, as providers' mail servers hand them over: what finds no free
 * line waits in the server's own queue.
 */
export class SmtpDoor implements Door {
  readonly name = 'smtp';
  readonly account: string;
  readonly textBytes: number;
  private readonly free: SmtpLine[] = [];
  private readonly queue: ((isMine: boolean) => void)[] = [];
  private lines = 0;
  private opened = 0;
  private closed = false;

  constructor(private readonly spec: SmtpDoorSpec) {
    this.account = spec.account;
    this.textBytes = spec.textBytes ?? 4_096;
  }

  idOf(run: string, sequence: number): string {
    return `${run}-${sequence}@customer.example`;
  }

  async send(message: DrivenMessage): Promise<Answer> {
    const from = `customer-${message.party % (this.spec.customers ?? Infinity)}@customer.example`;
    if (!(await this.turn())) return refused('stays in the queue of its server');
    let line: SmtpLine | undefined;
    try {
      line = await this.line();
      const { code, text } = await line.send(from, this.spec.to, mailOf(message, from, this.spec.to));
      return code === 250 ? ACKNOWLEDGED : refused(`${code} ${text.slice(0, 5)}`);
    } catch (error) {
      line?.close();
      if (error instanceof NotLetIn) return refused(error.message);
      const handedOver = error instanceof LineBroken && error.handedOver;
      return handedOver ? unsure(error) : refused(line === undefined ? 'no connection' : 'line broken');
    } finally {
      this.giveBack(line);
    }
  }

  close(): Promise<void> {
    this.closed = true;
    for (const line of this.free.splice(0)) line.close();
    for (const waiting of this.queue.splice(0)) waiting(false);
    return Promise.resolve();
  }

  private get servers(): number {
    return this.spec.servers ?? 1;
  }

  /** False when the patience is over, or the door is closed meanwhile. */
  private turn(): Promise<boolean> {
    if (this.lines < LINES * this.servers) {
      this.lines += 1;
      return Promise.resolve(true);
    }
    return new Promise((resolve) => {
      const waiting = (isMine: boolean): void => {
        clearTimeout(patience);
        resolve(isMine);
      };
      const patience = setTimeout(() => {
        this.queue.splice(this.queue.indexOf(waiting), 1);
        resolve(false);
      }, QUEUE_PATIENCE_MS);
      this.queue.push(waiting);
    });
  }

  private line(): Promise<SmtpLine> {
    for (let free = this.free.pop(); free !== undefined; free = this.free.pop())
      if (free.usable) return Promise.resolve(free);
    this.opened += 1;
    const from = `127.0.0.${1 + (this.opened % this.servers)}`;
    return SmtpLine.open(this.spec.host ?? '127.0.0.1', this.spec.port, from);
  }

  /** The place goes on to whoever waits longest; the line to whoever sends next. */
  private giveBack(line: SmtpLine | undefined): void {
    if (line?.usable === true) {
      if (this.closed) line.close();
      else this.free.push(line);
    }
    const next = this.queue.shift();
    if (next === undefined) this.lines -= 1;
    else next(true);
  }
}
