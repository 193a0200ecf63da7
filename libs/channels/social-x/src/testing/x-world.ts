import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  createTestHost,
  messageIdOf,
  type AccountNotice,
  type CapturedDelivery,
  type Channel,
  type ChannelInstance,
  type MessageDraft,
  type ReceiptDraft,
  type TestHost,
} from '@fanin/connector-kit';
import { validateInput, type OutboundMessageV1 } from '@fanin/contracts';
import { codeOf, createSystemClock, FaninError, type Clock } from '@fanin/kernel';
import { startXSimulator, type XSimulator, type XSimulatorOptions } from '@fanin/simulators/x';
import { channel } from '../index.js';

export const PUBLIC_URL = 'https://fanin.example';
export const ACCOUNT = 'shop-x';

/** Time that a test moves; the simulator and the channel live by it together. */
export class MovedClock implements Clock {
  private aheadMs = 0;
  private readonly real = createSystemClock();

  now(): number {
    return Math.round(this.real.now()) + this.aheadMs;
  }
  monotonicMs(): number {
    return this.real.monotonicMs() + this.aheadMs;
  }
  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return this.real.sleep(ms, signal);
  }
  advance(ms: number): void {
    this.aheadMs += ms;
  }
}

/** What the ticket core would keep: each message once, whichever door it came through. */
export class Desk {
  readonly messages = new Map<string, MessageDraft>();
  readonly receipts: ReceiptDraft[] = [];
  readonly ignored: string[] = [];
  captured = 0;
  duplicates = 0;

  texts(): string[] {
    return [...this.messages.values()].filter((draft) => draft.amends === undefined).map((draft) => draft.text);
  }
}

export interface XWorldOptions {
  readonly config?: Readonly<Record<string, unknown>>;
  readonly simulator?: XSimulatorOptions;
  readonly accountId?: string;
}

/** A channel account, the door that X calls, and X itself. */
export class XWorld {
  readonly desk = new Desk();
  readonly notices: AccountNotice[] = [];
  readonly closers: (() => Promise<unknown>)[] = [];
  instance!: ChannelInstance;
  cursor: string | null = null;
  logIsDown = false;
  /** While false the process is gone: nothing listens, nothing polls. */
  private isUp = true;
  private door: Server | undefined;

  private constructor(
    readonly x: XSimulator,
    readonly host: TestHost,
    readonly clock: MovedClock,
    public config: Readonly<Record<string, unknown>>,
    private readonly shared: unknown,
    private readonly accountId: string,
  ) {}

  static async open(options: XWorldOptions = {}): Promise<XWorld> {
    const clock = new MovedClock();
    const x = await startXSimulator({ clock, ...options.simulator });
    const folder = await mkdtemp(join(tmpdir(), 'fanin-x-'));
    await x.writeCa(join(folder, 'ca.pem'));
    const [account] = x.accounts();
    if (account === undefined) throw new Error('the simulator has no account');
    const config = { ...configFor(x, account, join(folder, 'ca.pem')), ...options.config };
    const host = createTestHost({ clock, publicUrl: PUBLIC_URL });
    const world = new XWorld(x, host, clock, config, await channel.open?.(host), options.accountId ?? ACCOUNT);
    world.closers.push(() => rm(folder, { recursive: true }));
    world.closers.push(() => x.close());
    await world.listen();
    world.start();
    return world;
  }

  /** A process begins: a new instance over what is stored. */
  start(): void {
    this.instance = instanceOf(channel, this.config, this.host, this.shared, this.accountId);
    this.isUp = true;
  }

  /** A second account beside this one, of the same app. */
  another(id: string, config: Readonly<Record<string, unknown>>): ChannelInstance {
    return instanceOf(channel, { ...this.config, ...config }, this.host, this.shared, id);
  }

  /** A person changes the configuration; it holds from the next start. */
  renew(changes: Readonly<Record<string, unknown>>): void {
    this.config = { ...this.config, ...changes };
  }

  async stop(): Promise<void> {
    this.isUp = false;
    await this.instance.close();
  }

  /** One round of the host: polls until nothing more is said to be waiting. */
  async reconcile(): Promise<void> {
    const door = this.instance.reconcile;
    if (door === undefined) throw new Error('there is no reconcile');
    for (let calls = 0; calls < 200; calls += 1) {
      const outcome = await door.poll(this.cursor, AbortSignal.timeout(30_000));
      await this.emit(outcome.deliveries);
      this.cursor = outcome.cursor;
      this.notices.push(...(outcome.notices ?? []));
      if (!outcome.more) return;
    }
    throw new Error('poll said `more` 200 times');
  }

  async emit(deliveries: readonly CapturedDelivery[]): Promise<readonly string[]> {
    if (this.logIsDown) throw new FaninError('TRANSIENT', 'the log is down');
    for (const { body, contentType, meta } of deliveries) {
      this.desk.captured += 1;
      const delivery = {
        deliveryId: `delivery-${this.desk.captured}`,
        tenant: 'default',
        accountId: this.accountId,
        receivedAt: new Date(this.clock.now()).toISOString(),
        contentType,
        meta,
        body,
      };
      const { messages, receipts, ignored } = await this.instance.normalise(delivery);
      for (const [at, draft] of messages.entries()) {
        const id = messageIdOf(delivery, messages, at);
        if (this.desk.messages.has(id)) this.desk.duplicates += 1;
        else this.desk.messages.set(id, draft);
      }
      this.desk.receipts.push(...(receipts ?? []));
      if (ignored !== undefined) this.desk.ignored.push(ignored.rule);
    }
    return deliveries.map((_, at) => `d-${at}`);
  }

  async close(): Promise<void> {
    if (this.isUp) await this.instance.close();
    await new Promise((resolve) => this.door?.close(resolve));
    for (const close of this.closers.reverse()) await close();
  }

  private async listen(): Promise<void> {
    this.door = createServer((request, response) => {
      void this.answer(request).then(({ status, body }) => response.writeHead(status).end(body));
    });
    await new Promise<void>((resolve) => this.door?.listen(0, '127.0.0.1', resolve));
    const { port } = this.door.address() as AddressInfo;
    this.x.configure({ hook_hosts: { [PUBLIC_URL]: `http://127.0.0.1:${port}` } });
  }

  private async answer(request: IncomingMessage): Promise<{ readonly status: number; readonly body?: string }> {
    const chunks: Buffer[] = [];
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
    const { capture } = this.instance;
    if (!this.isUp || capture.shape !== 'webhook') return { status: 502 };
    const url = new URL(request.url ?? '/', PUBLIC_URL);
    const received = {
      method: request.method ?? '',
      url: url.href,
      path: '/',
      query: Object.fromEntries(url.searchParams),
      headers: Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)])),
      body: Buffer.concat(chunks),
    };
    const verdict = capture.verify(received);
    if (!verdict.ok) return { status: verdict.status, body: verdict.reason };
    try {
      const { status, body } = await capture.receive(received, (deliveries) => this.emit(deliveries));
      return body === undefined ? { status } : { status, body };
    } catch (error) {
      return { status: codeOf(error) === 'TRANSIENT' ? 503 : 500 };
    }
  }
}

export function configFor(
  x: XSimulator,
  account: { readonly id: string; readonly username: string },
  caFile: string,
): Readonly<Record<string, unknown>> {
  return {
    user_id: account.id,
    username: account.username,
    client_id: x.app.clientId,
    client_secret: x.app.clientSecret,
    refresh_token: x.tokens(account.id).refreshToken,
    bearer_token: x.app.bearerToken,
    api_address: `127.0.0.1:${x.port}`,
    api_ca_file: caFile,
  };
}

export function instanceOf(
  definition: Channel,
  config: Readonly<Record<string, unknown>>,
  host: TestHost,
  shared: unknown,
  id = ACCOUNT,
): ChannelInstance {
  const result = validateInput(definition.Config, config);
  if (!result.ok) throw new Error(JSON.stringify(result.problems));
  return definition.create({ id, tenant: 'default', config: result.value }, host, shared);
}

let replies = 0;

/** The reply that the ticket core would make to a message. */
export function replyTo(draft: MessageDraft, text: string, more: Partial<OutboundMessageV1> = {}): OutboundMessageV1 {
  replies += 1;
  return {
    outbound_id: `outbound-${replies}`,
    tenant: 'default',
    account_id: ACCOUNT,
    channel: 'social',
    channel_slug: 'social-x',
    ticket_id: 'ticket-1',
    ticket_number: 1,
    conversation_key: draft.conversation_key,
    kind: 'reply',
    to: [{ ...draft.sender }],
    author_name: 'Grace',
    subject: null,
    text,
    attachments: [],
    in_reply_to: draft.provider_message_id,
    references: [draft.provider_message_id],
    provider_fields: { ...draft.provider_fields },
    created_at: new Date().toISOString(),
    ...more,
  };
}

export const SENDING = {
  signal: AbortSignal.timeout(600_000),
  attachment: (): Promise<Buffer> => Promise.reject(new Error('there is none')),
};

/** Opens a world, lets `work` live in it, and closes it whatever happens. */
export async function inWorld(options: XWorldOptions, work: (world: XWorld) => Promise<void>): Promise<void> {
  const world = await XWorld.open(options);
  try {
    await work(world);
  } finally {
    await world.close();
  }
}
