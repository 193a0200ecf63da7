import {
  defineChannel,
  type Capture,
  type Channel,
  type ChannelInstance,
  type Deliver,
  type MessageDraft,
  type Normalised,
  type PollOutcome,
} from '@fanin/connector-kit';
import { field } from '@fanin/contracts';
import { FaninError } from '@fanin/kernel';
import type { ChannelEntry } from '../../config/channel-entry.js';

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
  readonly polls: { readonly cursor: string | null; readonly at: number }[] = [];
  readonly stored: string[] = [];
  readonly sent: string[] = [];
  /** Called instead of sending when set. */
  onSend: ((outboundId: string) => Promise<void>) | undefined;
  wake: () => void = () => undefined;
  readonly closed: string[] = [];
}

/** {"id", "room", "text"} is a message; {"ignore"}, {"receipt"}, {"bug"} and {"parts"} do what they say; the rest is bad. */
export async function normaliseScript(body: Buffer): Promise<Normalised> {
  let value: Record<string, unknown>;
  try {
    value = JSON.parse(body.toString('utf8')) as Record<string, unknown>;
  } catch {
    throw new FaninError('BAD_PAYLOAD', 'no JSON');
  }
  if (value['ignore'] !== undefined)
    return { messages: [], ignored: { rule: String(value['ignore']), evidence: 'told so' } };
  if (value['receipt'] !== undefined)
    return {
      messages: [],
      receipts: [
        {
          outbound_id: String(value['receipt']),
          status: 'read',
          provider_message_id: null,
          code: null,
          reason: null,
          at: '2026-11-21T08:00:00.000Z',
        },
      ],
    };
  if (value['bug'] !== undefined) throw new TypeError('x is not a function');
  if (Array.isArray(value['parts'])) return { messages: value['parts'].map(draftOf) };
  return { messages: [draftOf(value)] };
}

function draftOf(value: Record<string, unknown>): MessageDraft {
  const attachment = value['attachment'];
  return {
    provider_message_id: String(value['id']),
    conversation_key: String(value['room'] ?? 'room'),
    sender: { kind: 'social', id: 'ada', name: null },
    sender_verified: true,
    recipients: [],
    subject: null,
    text: String(value['text'] ?? ''),
    html: null,
    quoted_text: null,
    attachments:
      typeof attachment === 'string'
        ? [{ name: 'a.txt', content_type: 'text/plain', inline: false, content: Buffer.from(attachment) }]
        : [],
    provider_time: '2026-11-21T08:00:00.000Z',
    threading: { reply_token: null, references: [], subject_base: null },
    automatic: null,
    delivery_report: null,
    flags: [],
    provider_fields: {},
  };
}

export interface ScriptOptions {
  readonly slug: string;
  readonly capture: Capture['shape'];
  readonly sending?: 'idempotent' | 'once';
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
    capabilities: sending === 'none' ? [] : ['replies'],
    limits: { maxDeliveryBytes, maxReplyChars: 100 },
    sending,
    maturity: 'experimental',
    kit: 1,
  };
  const channel = defineChannel<ScriptConfig>({
    manifest,
    Config: ScriptConfig,
    create: (account): ChannelInstance => {
      if (options.broken !== undefined) throw options.broken;
      return {
        capture: captureOf(capture, provider, options),
        normalise: ({ body }) => normaliseScript(body),
        ...(sending === 'none' ? {} : { deliver: deliverOf(provider) }),
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
          await emit([{ body: request.body, contentType: 'application/json', meta: { url: request.url } }]);
          return { status: 202, body: request.path };
        },
      };
    case 'poll':
      return {
        shape,
        intervalMs: 60_000,
        poll: async (cursor, signal) => poll(provider, cursor, signal),
        afterStored: async (cursor) => void provider.stored.push(cursor),
        onWake: (wake) => (provider.wake = wake),
      };
    case 'stream':
      return { shape, exclusive: true, run: run ?? (async () => undefined) };
  }
}

async function poll(provider: ScriptedProvider, cursor: string | null, _signal: AbortSignal): Promise<PollOutcome> {
  provider.polls.push({ cursor, at: performance.now() });
  if (provider.failure !== undefined) throw provider.failure;
  const from = Number(cursor ?? 0);
  const found = provider.mailbox.slice(from, from + 2);
  return {
    deliveries: found.map((text) => ({ body: Buffer.from(text), contentType: 'application/json', meta: {} })),
    cursor: String(from + found.length),
    more: from + found.length < provider.mailbox.length,
  };
}

function deliverOf(provider: ScriptedProvider): Deliver {
  return {
    send: async (message) => {
      provider.sent.push(message.outbound_id);
      await provider.onSend?.(message.outbound_id);
      return { status: 'sent', providerMessageId: `p-${message.outbound_id}` };
    },
  };
}
