import { randomUUID } from 'node:crypto';
import { CONTRACTS, createCodec, topicName, TOPICS } from '@fanin/contracts';
import { isoTime, opaqueKey, uuidv7 } from '@fanin/kernel';
import { ChatClient } from '@fanin/test-kit';
import type { Acknowledged } from '../oracle/oracle.js';
import { markOf } from '../oracle/oracle.js';
import { Recorder } from '../oracle/recorder.js';
import { Customers, newNumber } from '../system/customers.js';
import { ADA, handIn, mailOf } from '../system/mail-client.js';
import { CHAT, IMAP_ADDRESS, IMAP_USER, MAIL, type SystemUnderTest } from '../system/system.js';
import { until } from '../system/until.js';
import { VENDOR_ACCOUNTS } from '../system/vendors.js';
import type { CrashSystem } from './dying.js';

/** How an answer leaves. */
export type Way = 'mail' | 'chat' | 'sms';

const PATIENCE_MS = 180_000;
const MAIL_ACCOUNT = 'a/a-mail';
const PHONE_ACCOUNT = `a/${VENDOR_ACCOUNTS.phone}`;

/**
 * Customers and an agent of shop A. Whoever hands something in does so until the system has said that it has it, however
 * often it dies meanwhile, as mail servers, the widget and a careful program do. What was acknowledged is remembered.
 */
export class World {
  readonly recorder = new Recorder();
  /** Deliveries that nobody can read. */
  unreadable = 0;
  private readonly insisting = new Set<Promise<void>>();
  private readonly over = new AbortController();
  private failure: Error | undefined;
  private readonly counts = new Map<string, number>();

  private constructor(
    readonly system: CrashSystem,
    private readonly visitor: ChatClient,
    private readonly phone: string,
    private readonly tickets: Readonly<Record<Way, string>>,
  ) {}

  /** One customer by mail, one in the chat, one by SMS, each with a ticket. */
  static async open(system: CrashSystem): Promise<World> {
    const [subject, words, phone] = [`Order ${randomUUID()}`, `Hello ${randomUUID()}`, newNumber()];
    const visitor = new ChatClient({ url: system.url, accountId: CHAT.a, name: 'Grace' });
    await visitor.ready(60_000);
    await visitor.send(words);
    await handIn(system.smtpPort, mailOf({ to: MAIL.a, subject, text: 'Where is it?' }), { to: MAIL.a });
    system.vendors.twilio.simulator.inbound({ from: phone, body: 'Hello' });
    const customers = new Customers(() => system.api.a, 'phone');
    const [mail, sms, chat] = await Promise.all([
      system.api.a.ticketWith(subject, PATIENCE_MS),
      customers.ticketOf(phone, PATIENCE_MS),
      until('the ticket of the chat', async () => (await chatTickets(system))[0], PATIENCE_MS),
    ]);
    return new World(system, visitor, phone, { mail: mail.id, chat, sms: sms.id });
  }

  /** By SMTP, again under the same Message-ID until it is a 250. */
  mail(): void {
    const one = this.next('smtp', MAIL_ACCOUNT, `smtp-${randomUUID()}`);
    const raw = mailOf({
      to: MAIL.a,
      subject: 'One more',
      text: markOf(one.id),
      messageId: `<${one.id}@crash.example>`,
    });
    this.insist(one, async () => (await handIn(this.system.smtpPort, raw, { to: MAIL.a, from: ADA })) === 250);
  }

  /** Into a mailbox that is read. */
  mailbox(): void {
    const one = this.next('imap', 'a/a-imap', `imap-${randomUUID()}`);
    const raw = mailOf({ to: IMAP_ADDRESS, text: markOf(one.id), messageId: `<${one.id}@crash.example>` });
    this.insist(one, async () => {
      await this.system.dovecot?.deliver(IMAP_USER, raw);
      return true;
    });
  }

  /** The next of one conversation: the order counts. */
  chat(): void {
    const one = this.next('chat', `a/${CHAT.a}`, 'the visitor');
    this.insist(one, async () => {
      await this.visitor.send(markOf(one.id), { id: one.id });
      return true;
    });
  }

  /** At Twilio, which calls us once and then lists it for whoever asks: its customer was told that it is on its way. */
  sms(options: { readonly withLateMedia?: boolean } = {}): void {
    const one = this.next('twilio', PHONE_ACCOUNT, `sms-${randomUUID()}`);
    const media = [{ content_type: 'image/jpeg', bytes: Buffer.from(one.id) }];
    const { simulator } = this.system.vendors.twilio;
    // What is not handed out at once is fetched in the background, and comes in a delivery of its own.
    if (options.withLateMedia === true) simulator.faults.add({ where: 'media', kind: 'status', status: 503, times: 1 });
    simulator.inbound({
      from: this.phone,
      body: markOf(one.id),
      ...(options.withLateMedia === true ? { media } : {}),
    });
    this.recorder.acknowledged(one);
  }

  /** An agent's answer, again under the same Idempotency-Key until it is a 201. */
  reply(way: Way): void {
    const one = this.next('replies', { mail: MAIL_ACCOUNT, chat: `a/${CHAT.a}`, sms: PHONE_ACCOUNT }[way], way);
    this.insist(one, async () => {
      await this.system.api.a.reply(this.tickets[way], { text: markOf(one.id) }, one.id);
      return true;
    });
  }

  /** A delivery on the log that its channel cannot make anything of. */
  async garbage(): Promise<void> {
    const bus = await this.system.openBus();
    try {
      const body = Buffer.from('nothing that is known here');
      const now = Date.now();
      const record = createCodec(CONTRACTS.rawDelivery).encode(
        {
          delivery_id: uuidv7(now),
          tenant: 'a',
          account_id: VENDOR_ACCOUNTS.phone,
          channel: 'phone',
          channel_slug: 'phone-twilio',
          received_at: isoTime(now),
          content_type: 'text/plain',
          meta: { kind: 'nonsense' },
          body_encoding: 'utf8',
          body: body.toString(),
          body_ref: null,
          body_size: body.length,
          body_sha256: 'd'.repeat(64),
        },
        { key: opaqueKey(VENDOR_ACCOUNTS.phone), source: '/fanin/trials' },
      );
      await bus.publish(topicName(TOPICS.rawDeliveries, this.system.topicPrefix), [record]);
      this.unreadable += 1;
    } finally {
      await bus.close();
    }
  }

  /** Resolves when all that was begun is acknowledged; rejects with the first that was not in time. */
  async settled(): Promise<void> {
    await Promise.all(this.insisting);
    if (this.failure !== undefined) throw this.failure;
  }

  async close(): Promise<void> {
    this.over.abort();
    await this.visitor.close();
    await Promise.all(this.insisting);
  }

  private next(door: string, account: string, conversation: string): Acknowledged {
    const n = (this.counts.get(`${door} ${conversation}`) ?? 0) + 1;
    this.counts.set(`${door} ${conversation}`, n);
    return { door, account, id: randomUUID(), conversation, n, atMs: Date.now() };
  }

  private insist(one: Acknowledged, attempt: () => Promise<boolean>): void {
    this.recorder.unsure(one);
    const work = until(
      `${one.door} ${one.id} is acknowledged`,
      async () => this.over.signal.aborted || (await attempt().catch(() => false)),
      PATIENCE_MS,
    ).then(
      () => {
        if (!this.over.signal.aborted) this.recorder.acknowledged({ ...one, atMs: Date.now() });
      },
      (error: unknown) => void (this.failure ??= error as Error),
    );
    this.insisting.add(work);
    void work.finally(() => this.insisting.delete(work));
  }
}

async function chatTickets({ api }: SystemUnderTest): Promise<readonly string[]> {
  const tickets = await api.a.all<{ id: string }>('/tickets?channel=chat&limit=200');
  return tickets.map(({ id }) => id);
}
