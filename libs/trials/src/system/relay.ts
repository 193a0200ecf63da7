import type { Socket } from 'node:net';
import { simpleParser, type ParsedMail } from 'mailparser';
import { SMTPServer } from 'smtp-server';
import { until } from './until.js';

export interface SentMail {
  readonly envelopeFrom: string;
  readonly envelopeTo: readonly string[];
  readonly raw: string;
  readonly mail: ParsedMail;
}

/**
 * `hang_up`: takes the whole mail and closes the line without an answer, as a relay does that dies in that moment.
 * `silent`: takes the whole mail, says nothing more and keeps the line open, as one whose answer never arrives.
 * `slow`: takes its time to answer.
 * `away`: closes every line before a word is said.
 */
export type RelayMood = 'take' | 'refuse' | 'hang_up' | 'silent' | 'slow' | 'away';

const SLOW_MS = 5_000;

/** The mail server behind the accounts: everything the system sends ends here. */
export class Relay {
  readonly mails: SentMail[] = [];
  mood: RelayMood = 'take';
  /** Mails that were handed over without an answer. */
  unanswered = 0;
  /** Their bytes. */
  readonly swallowed: string[] = [];
  /** Lines closed while the relay was away. */
  turnedAway = 0;
  private server: SMTPServer | undefined;
  private readonly sockets = new Set<Socket>();

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
          if (this.mood === 'hang_up' || this.mood === 'silent') {
            this.unanswered += 1;
            this.swallowed.push(Buffer.concat(chunks).toString('latin1'));
            if (this.mood === 'hang_up') for (const socket of this.sockets) socket.destroy();
            return;
          }
          if (this.mood === 'refuse')
            return callback(Object.assign(new Error('5.7.1 not this one'), { responseCode: 554 }));
          const raw = Buffer.concat(chunks);
          const answerAfterMs = this.mood === 'slow' ? SLOW_MS : 0;
          void simpleParser(raw).then((mail) => {
            const { mailFrom, rcptTo } = session.envelope;
            this.mails.push({
              envelopeFrom: mailFrom === false ? '' : mailFrom.address,
              envelopeTo: rcptTo.map(({ address }) => address),
              raw: raw.toString('latin1'),
              mail,
            });
            if (answerAfterMs === 0) callback(null);
            else setTimeout(callback, answerAfterMs, null);
          });
        });
      },
    });
    server.on('error', () => undefined);
    server.server.on('connection', (socket: Socket) => {
      if (this.mood === 'away') {
        this.turnedAway += 1;
        socket.destroy();
        return;
      }
      this.sockets.add(socket);
      socket.once('close', () => this.sockets.delete(socket));
    });
    await new Promise<void>((resolve, reject) => {
      server.server.once('error', reject);
      server.listen(this.port, '127.0.0.1', resolve);
    });
    this.server = server;
  }

  async close(): Promise<void> {
    const { server } = this;
    this.server = undefined;
    if (server !== undefined) await new Promise<void>((resolve) => server.close(() => resolve()));
  }

  /** Lines that are open end, and no new ones are answered until the mood changes. */
  goAway(): void {
    this.mood = 'away';
    for (const socket of this.sockets) socket.destroy();
  }

  with(text: string): readonly SentMail[] {
    return this.mails.filter(({ mail }) => mail.text?.includes(text) === true);
  }

  /** The mail whose text holds `text`, here or still to come. */
  mailWith(text: string, timeoutMs?: number): Promise<SentMail> {
    return until(`a mail at the relay with "${text}"`, () => this.with(text)[0], timeoutMs);
  }
}
