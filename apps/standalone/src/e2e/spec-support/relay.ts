import type { AddressInfo } from 'node:net';
import { simpleParser, type ParsedMail } from 'mailparser';
import { SMTPServer } from 'smtp-server';
import { until } from './until.js';

export interface SentMail {
  readonly envelopeFrom: string;
  readonly envelopeTo: readonly string[];
  readonly raw: string;
  readonly mail: ParsedMail;
}

/** `hang_up`: takes the whole mail and closes the line without an answer, as a relay does that dies in that moment. */
export type RelayMood = 'take' | 'refuse' | 'hang_up';

/** The mail server behind the accounts: everything the system sends ends here. */
export class Relay {
  readonly mails: SentMail[] = [];
  mood: RelayMood = 'take';
  /** Mails that were handed over without an answer. */
  unanswered = 0;
  private server: SMTPServer | undefined;

  private constructor(readonly port: number) {}

  static async start(port: number): Promise<Relay> {
    const relay = new Relay(port);
    await relay.open();
    return relay;
  }

  async open(): Promise<void> {
    const server = new SMTPServer({
      authOptional: true,
      disabledCommands: ['AUTH', 'STARTTLS'],
      disableReverseLookup: true,
      closeTimeout: 200,
      logger: false,
      onData: (stream, session, callback) => {
        const chunks: Buffer[] = [];
        stream.on('data', (chunk: Buffer) => chunks.push(chunk));
        stream.on('end', () => {
          if (this.mood === 'hang_up') {
            this.unanswered += 1;
            // The only way smtp-server offers to say nothing at all.
            for (const connection of server.connections) connection.close();
            return;
          }
          if (this.mood === 'refuse') return callback(Object.assign(new Error('5.7.1 not this one'), { responseCode: 554 }));
          const raw = Buffer.concat(chunks);
          void simpleParser(raw).then((mail) => {
            const { mailFrom, rcptTo } = session.envelope;
            this.mails.push({
              envelopeFrom: mailFrom === false ? '' : mailFrom.address,
              envelopeTo: rcptTo.map(({ address }) => address),
              raw: raw.toString('latin1'),
              mail,
            });
            callback(null);
          });
        });
      },
    });
    server.on('error', () => undefined);
    await new Promise<void>((resolve, reject) => {
      server.server.once('error', reject);
      server.listen(this.port, '127.0.0.1', resolve);
    });
    if ((server.server.address() as AddressInfo).port !== this.port) throw new Error('the relay is on another port');
    this.server = server;
  }

  async close(): Promise<void> {
    const { server } = this;
    this.server = undefined;
    if (server !== undefined) await new Promise<void>((resolve) => server.close(() => resolve()));
  }

  with(text: string): readonly SentMail[] {
    return this.mails.filter(({ mail }) => mail.text?.includes(text) === true);
  }

  /** The mail whose text holds `text`, here or still to come. */
  mailWith(text: string, timeoutMs?: number): Promise<SentMail> {
    return until(`a mail at the relay with "${text}"`, () => this.with(text)[0], timeoutMs);
  }
}
