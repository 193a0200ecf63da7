import { ImapFlow } from 'imapflow';
import { ACKNOWLEDGED, unsure, type Answer, type Door, type DrivenMessage } from '../door.js';
import { mailOf } from './smtp.js';

export interface ImapDoorSpec {
  readonly kind: 'imap';
  readonly account: string;
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  /** Address of the account. */
  readonly to: string;
  readonly textBytes?: number;
}

/** Mails that somebody puts into the mailbox (APPEND, RFC 9051): acknowledged when the mailbox has them. */
export class ImapDoor implements Door {
  readonly name = 'imap';
  readonly account: string;
  readonly textBytes: number;
  private client: Promise<ImapFlow> | undefined;

  constructor(private readonly spec: ImapDoorSpec) {
    this.account = spec.account;
    this.textBytes = spec.textBytes ?? 4_096;
  }

  idOf(run: string, sequence: number): string {
    return `${run}-i${sequence}@customer.example`;
  }

  async send(message: DrivenMessage): Promise<Answer> {
    const from = `reader-${message.party}@customer.example`;
    try {
      this.client ??= this.connect();
      const client = await this.client;
      await client.append('INBOX', mailOf(message, from, this.spec.to));
      return ACKNOWLEDGED;
    } catch (error) {
      this.client = undefined;
      return unsure(error);
    }
  }

  async close(): Promise<void> {
    const client = await this.client?.catch(() => undefined);
    this.client = undefined;
    await client?.logout().catch(() => undefined);
  }

  private async connect(): Promise<ImapFlow> {
    const { host, port, user, password } = this.spec;
    const client = new ImapFlow({
      host,
      port,
      secure: false,
      doSTARTTLS: false,
      auth: { user, pass: password },
      logger: false,
    });
    client.on('error', () => undefined);
    client.on('close', () => (this.client = undefined));
    await client.connect();
    return client;
  }
}
