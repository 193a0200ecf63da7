import {
  defineChannel,
  type Capture,
  type Channel,
  type ChannelHost,
  type ChannelInstance,
  type Deliver,
  type FetchedMedia,
  type HookAddress,
  type MediaSource,
  type PollCapture,
  type PollOutcome,
  type Reconciled,
} from '@fanin/connector-kit';
import { field } from '@fanin/contracts';
import type { ChannelEntry } from '../../config/channel-entry.js';
import { normaliseScript } from './scripted-normalise.js';

type AskContext = Parameters<NonNullable<Deliver['reconcile']>>[1];

export class ScriptConfig {
  @field.text({ description: 'Not used by anybody.', optional: true })
  note?: string;
}

/** The provider of the tests: what it holds, how it behaves, what it was told. */
export class ScriptedProvider {
  /** Messages that a poll finds, by position from 1. */
  readonly mailbox: string[] = [];
  /** Thrown by the next polls or sends while set. */
  failure: unknown;
  /** What a poll answers in place of the mailbox, unless it answers nothing. */
  onPoll: (cursor: string | null, signal: AbortSignal) => PollOutcome | Promise<PollOutcome> | undefined = () =>
    undefined;
  readonly polls: { readonly cursor: string | null; readonly at: number }[] = [];
  readonly stored: string[] = [];
  readonly sent: string[] = [];
  /** Called instead of sending when set. */
  onSend: ((outboundId: string) => Promise<void>) | undefined;
  wake: () => void = () => undefined;
  /** How often it was asked whether the account works. */
  checks = 0;
  /** What its own list says of a reply. */
  onReconcile: (outboundId: string, context: AskContext) => Promise<Reconciled> = async () => ({ status: 'absent' });
  readonly asked: { readonly id: string; readonly since: Date; readonly known: readonly string[] }[] = [];
  onFetch: (ref: string, signal: AbortSignal) => Promise<FetchedMedia> = async (ref) => ({
    content: Buffer.from(`bytes of ${ref}`),
  });
  readonly fetched: string[] = [];
  readonly closed: string[] = [];
}

export interface ScriptOptions {
  readonly slug: string;
  readonly capture: Capture['shape'];
  readonly sending?: 'idempotent' | 'once' | 'reconciled';
  /** A second door that lists the mailbox. */
  readonly reconcile?: boolean;
  readonly connection?: boolean;
  readonly media?: boolean;
  readonly hooks?: readonly HookAddress[];
  /** Gets what the host gives to channels. */
  readonly onOpen?: (host: ChannelHost) => void;
  readonly maxDeliveryBytes?: number;
  /** Thrown by `create`. */
  readonly broken?: unknown;
  readonly run?: Extract<Capture, { shape: 'stream' }>['run'];
}

export function scriptedChannel(provider: ScriptedProvider, options: ScriptOptions): ChannelEntry {
  const { slug, capture, sending = 'none', maxDeliveryBytes = 1_000_000 } = options;
  const manifest: Channel['manifest'] = {
    slug,
    family: 'social',
    title: `Script ${slug}`,
    capture,
    capabilities: [
      ...(sending === 'none' ? [] : (['replies'] as const)),
      ...(options.reconcile === true ? (['reconcile'] as const) : []),
      ...(options.connection === true ? (['connection_check'] as const) : []),
      ...(options.media === true ? (['media'] as const) : []),
    ],
    limits: { maxDeliveryBytes, maxReplyChars: 100 },
    sending,
    maturity: 'experimental',
    kit: 1,
  };
  const channel = defineChannel<ScriptConfig>({
    manifest,
    Config: ScriptConfig,
    open: async (host) => options.onOpen?.(host),
    create: (account): ChannelInstance => {
      if (options.broken !== undefined) throw options.broken;
      return {
        capture: captureOf(capture, provider, options),
        normalise: ({ body }) => normaliseScript(body),
        ...(sending === 'none' ? {} : { deliver: deliverOf(provider, sending) }),
        ...(options.reconcile === true ? { reconcile: pollOf(provider) } : {}),
        ...(options.connection === true ? { connection: { check: () => check(provider) } } : {}),
        ...(options.media === true ? { media: mediaOf(provider) } : {}),
        ...(options.hooks === undefined ? {} : { hooks: options.hooks }),
        close: async () => void provider.closed.push(account.id),
      };
    },
  });
  return { manifest, load: async () => channel };
}

function captureOf(shape: Capture['shape'], provider: ScriptedProvider, { run }: ScriptOptions): Capture {
  switch (shape) {
    case 'webhook':
      return {
        shape,
        verify: (request) =>
          request.headers['x-proof'] === 'right' ? { ok: true } : { ok: false, status: 401, reason: 'no proof' },
        receive: async (request, emit) => {
          if (request.path === '/crash') throw new TypeError('boom');
          if (request.path === '/swallow') {
            await emit([{ body: request.body, contentType: 'application/json', meta: {} }]).catch(() => undefined);
            return { status: 200 };
          }
          const meta = { url: request.url, 'fanin.made_by': 'a stranger' };
          const accountId = request.query['for'];
          const owned = accountId === undefined ? {} : { accountId };
          await emit([{ body: request.body, contentType: 'application/json', meta, ...owned }]);
          return { status: 202, body: request.path };
        },
      };
    case 'poll':
      return pollOf(provider);
    case 'stream':
      return { shape, exclusive: true, run: run ?? (async () => undefined) };
  }
}

function pollOf(provider: ScriptedProvider): PollCapture {
  return {
    shape: 'poll',
    intervalMs: 60_000,
    poll: async (cursor, signal) => poll(provider, cursor, signal),
    afterStored: async (cursor) => void provider.stored.push(cursor),
    onWake: (wake) => (provider.wake = wake),
  };
}

async function check(provider: ScriptedProvider): Promise<void> {
  provider.checks += 1;
  if (provider.failure !== undefined) throw provider.failure;
}

function mediaOf(provider: ScriptedProvider): MediaSource {
  return {
    fetch: async ({ ref }, { signal }) => {
      provider.fetched.push(ref);
      return provider.onFetch(ref, signal);
    },
  };
}

async function poll(provider: ScriptedProvider, cursor: string | null, signal: AbortSignal): Promise<PollOutcome> {
  provider.polls.push({ cursor, at: performance.now() });
  if (provider.failure !== undefined) throw provider.failure;
  const scripted = provider.onPoll(cursor, signal);
  if (scripted !== undefined) return scripted;
  const from = Number(cursor ?? 0);
  const found = provider.mailbox.slice(from, from + 2);
  return {
    deliveries: found.map((text) => ({ body: Buffer.from(text), contentType: 'application/json', meta: {} })),
    cursor: String(from + found.length),
    more: from + found.length < provider.mailbox.length,
  };
}

function deliverOf(provider: ScriptedProvider, sending: string): Deliver {
  return {
    send: async (message) => {
      provider.sent.push(message.outbound_id);
      await provider.onSend?.(message.outbound_id);
      return { status: 'sent', providerMessageId: `p-${message.outbound_id}` };
    },
    ...(sending !== 'reconciled'
      ? {}
      : {
          reconcile: async ({ outbound_id: id }, context) => {
            provider.asked.push({ id, since: context.since, known: [...context.known] });
            return provider.onReconcile(id, context);
          },
        }),
  };
}
