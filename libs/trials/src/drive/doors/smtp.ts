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

/** Mails over a pool of connections, one mail at a time on each, as a provider's mail servers hand them over. */
export class SmtpDoor implements Door {
  readonly name = 'smtp';
  readonly account: string;
  readonly textBytes: number;
  private readonly free: SmtpLine[] = [];
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
    let line: SmtpLine | undefined;
    try {
      line = await this.line();
      const { code, text } = await line.send(from, this.spec.to, mailOf(message, from, this.spec.to));
      this.giveBack(line);
      return code === 250 ? ACKNOWLEDGED : refused(`${code} ${text.slice(0, 5)}`);
    } catch (error) {
      line?.close();
      if (error instanceof NotLetIn) return refused(error.message);
      const handedOver = error instanceof LineBroken && error.handedOver;
      return handedOver ? unsure(error) : refused(line === undefined ? 'no connection' : 'line broken');
    }
  }

  close(): Promise<void> {
    this.closed = true;
    for (const line of this.free.splice(0)) line.close();
    return Promise.resolve();
  }

  private line(): Promise<SmtpLine> {
    for (let free = this.free.pop(); free !== undefined; free = this.free.pop())
      if (free.usable) return Promise.resolve(free);
    return SmtpLine.open(this.spec.host ?? '127.0.0.1', this.spec.port);
  }

  private giveBack(line: SmtpLine): void {
    if (this.closed || !line.usable) line.close();
    else this.free.push(line);
  }
}
