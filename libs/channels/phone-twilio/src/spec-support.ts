import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import {
  createTestHost,
  messageIdOf,
  type CapturedDelivery,
  type ChannelInstance,
  type Delivery,
  type MessageDraft,
  type Normalised,
  type TestHost,
  type WebhookRequest,
} from '@fanin/connector-kit';
import { validateInput, type OutboundMessageV1 } from '@fanin/contracts';
import { FaninError, type Clock } from '@fanin/kernel';
import { startTwilioSimulator, type TwilioSimulator } from '@fanin/simulators/twilio';
import { channel } from './channel.js';
import { Config } from './config.js';

export const ACCOUNT = 'phone';
export const OURS = '+12025550100';

/** A delivery and what was made of it, as the host would. */
export interface Taken {
  readonly delivery: Delivery;
  readonly normalised: Normalised;
}

/** The channel behind a real HTTP door, with the simulated vendor on the other side. */
export interface System {
  readonly simulator: TwilioSimulator;
  readonly instance: ChannelInstance;
  readonly host: TestHost;
  /** Everything captured and normalised, in order, by both doors. */
  readonly taken: readonly Taken[];
  /** What the ticket core would keep: the first of each message id. */
  messages(): readonly MessageDraft[];
  /** Lists until nothing is left, as the host does; answers how many deliveries that brought. */
  reconcile(): Promise<number>;
  /** The door refuses to take anything (the log is away), or takes it again. */
  breakLog(broken: boolean): void;
  /** The door is shut: connections are refused. */
  stop(): Promise<void>;
  close(): Promise<void>;
}

export interface SystemOptions {
  readonly config?: Readonly<Record<string, unknown>>;
  readonly clock?: Clock;
  readonly links?: 'simulator' | 'vendor';
}

export async function startSystem(options: SystemOptions = {}): Promise<System> {
  const simulator = await startTwilioSimulator(options.clock === undefined ? {} : { clock: options.clock });
  const { server, url } = await listen();
  const hook = `${url}/hooks/${ACCOUNT}`;
  const number = {
    phone_number: OURS,
    sms_url: hook,
    whatsapp_url: hook,
    voice_url: `${hook}/voice`,
    status_callback: `${hook}/voice/status`,
  };
  simulator.configure({ numbers: [number], ...(options.links === undefined ? {} : { links: options.links }) });
  const host = createTestHost({ publicUrl: url, ...(options.clock === undefined ? {} : { clock: options.clock }) });
  const instance = await createOr(
    () => Promise.all([simulator.close(), closeServer(server)]),
    () =>
      channel.create({ id: ACCOUNT, tenant: 'default', config: configOf(simulator, options.config) }, host, undefined),
  );
  const taken: Taken[] = [];
  let broken = false;
  const emit = async (deliveries: readonly CapturedDelivery[]): Promise<readonly string[]> => {
    if (broken) throw new FaninError('TRANSIENT', 'the log is away');
    for (const captured of deliveries) taken.push(await take(instance, captured, taken.length));
    return deliveries.map((_, at) => `delivery-${taken.length - deliveries.length + at}`);
  };
  serve(server, url, instance, emit);
  let cursor: string | null = null;
  return {
    simulator,
    instance,
    host,
    taken,
    messages: () => kept(taken),
    breakLog: (value) => void (broken = value),
    reconcile: async () => {
      let count = 0;
      for (;;) {
        const outcome = await instance.reconcile?.poll(cursor, AbortSignal.timeout(30_000));
        if (outcome === undefined) throw new Error('there is no second door');
        await emit(outcome.deliveries);
        ({ cursor } = outcome);
        count += outcome.deliveries.length;
        await instance.reconcile?.afterStored?.(cursor);
        if (!outcome.more) return count;
      }
    },
    stop: () => closeServer(server),
    close: async () => {
      await simulator.close();
      await closeServer(server);
      await instance.close();
    },
  };
}

/** A configuration that is refused leaves nothing open. */
async function createOr(undo: () => Promise<unknown>, create: () => ChannelInstance): Promise<ChannelInstance> {
  try {
    return create();
  } catch (error) {
    await undo();
    throw error;
  }
}

export function configOf(simulator: TwilioSimulator, more: Readonly<Record<string, unknown>> = {}): Config {
  const result = validateInput(Config, {
    account_sid: simulator.account.account_sid,
    auth_token: simulator.account.auth_token,
    numbers: [{ number: OURS }, { number: `whatsapp:${OURS}` }],
    api_url: simulator.url,
    ...more,
  });
  if (!result.ok) throw new Error(JSON.stringify(result.problems));
  return result.value;
}

async function take(instance: ChannelInstance, captured: CapturedDelivery, at: number): Promise<Taken> {
  const delivery: Delivery = {
    ...captured,
    deliveryId: `delivery-${at}`,
    tenant: 'default',
    accountId: ACCOUNT,
    receivedAt: new Date().toISOString(),
  };
  return { delivery, normalised: await instance.normalise(delivery) };
}

function kept(taken: readonly Taken[]): MessageDraft[] {
  const byId = new Map<string, MessageDraft>();
  for (const { delivery, normalised } of taken)
    for (const [part, draft] of normalised.messages.entries()) {
      const id = messageIdOf(delivery, normalised.messages, part);
      if (!byId.has(id)) byId.set(id, draft);
    }
  return [...byId.values()];
}

async function listen(): Promise<{ readonly server: Server; readonly url: string }> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

function closeServer(server: Server): Promise<void> {
  server.closeAllConnections();
  return new Promise((resolve) => server.close(() => resolve()));
}

/** As the host does: verified, received, 503 when the log refused. */
function serve(
  server: Server,
  url: string,
  { capture }: ChannelInstance,
  emit: (deliveries: readonly CapturedDelivery[]) => Promise<readonly string[]>,
): void {
  if (capture.shape !== 'webhook') throw new Error('not a webhook');
  server.on('request', (incoming, response) => {
    void (async () => {
      const address = new URL(`${url}${incoming.url ?? ''}`);
      const path = address.pathname.slice(`/hooks/${ACCOUNT}`.length);
      const request: WebhookRequest = {
        method: incoming.method ?? 'POST',
        url: `${url}${incoming.url ?? ''}`,
        path: path === '' ? '/' : path,
        query: Object.fromEntries(address.searchParams),
        headers: Object.fromEntries(Object.entries(incoming.headers).map(([name, value]) => [name, String(value)])),
        body: await buffer(incoming),
      };
      const verdict = capture.verify(request);
      if (!verdict.ok) return void response.writeHead(verdict.status).end(verdict.reason);
      const answer = await capture.receive(request, emit).catch(() => ({ status: 503, headers: {}, body: '' }));
      response.writeHead(answer.status, answer.headers).end(answer.body);
    })();
  });
}

let replies = 0;

/** A reply to the customer of a message, as the ticket core sends it. */
export function replyTo(draft: MessageDraft, more: Partial<OutboundMessageV1> = {}): OutboundMessageV1 {
  replies += 1;
  return {
    outbound_id: `out-${replies}`,
    tenant: 'default',
    account_id: ACCOUNT,
    channel: 'phone',
    channel_slug: 'phone-twilio',
    ticket_id: 'ticket-1',
    ticket_number: 1,
    conversation_key: draft.conversation_key,
    kind: 'reply',
    to: [draft.sender],
    author_name: 'Kim',
    subject: null,
    text: `Reply number ${replies}`,
    attachments: [],
    in_reply_to: draft.provider_message_id,
    references: [],
    provider_fields: { ...draft.provider_fields },
    created_at: new Date().toISOString(),
    ...more,
  };
}
