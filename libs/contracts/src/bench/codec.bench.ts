import { CONTRACTS } from '../contract.js';
import { createCodec } from '../create-codec.js';
import type { InboundMessageV1 } from '../events/inbound-message.v1.js';

const VALUE_BYTES = 4096;
const MESSAGES = 64;
const ROUNDS = 61;
const ROUND_MS = 15;

export interface BenchResult {
  /** What Fanin does. */
  readonly value: number;
  /** What the bare means underneath do in the same run. */
  readonly limit: number;
  readonly ratio: number;
  readonly unit: string;
}

/**
 * Inbound messages whose JSON has 4 KiB: encode (validate against the closed schema, serialise, make headers) and decode
 * (check headers, parse, validate), against JSON.stringify and JSON.parse alone. The two are measured in turns, so that
 * a slower moment of the machine meets both; the medians of all rounds are compared.
 */
export async function benchCodec(): Promise<BenchResult> {
  const codec = createCodec(CONTRACTS.inboundMessage);
  const messages = Array.from({ length: MESSAGES }, (_, index) => messageOf(index));
  const options = { key: '4f1c0e5b7a9d4c3e8b2a1f0d9c8b7a69', source: '/fanin/email-connector' };

  const road = (message: InboundMessageV1): number => {
    const decoded = codec.decode(codec.encode(message, options));
    if (!decoded.ok) throw new Error(decoded.error.reason);
    return decoded.value.text.length;
  };
  const bare = (message: InboundMessageV1): number =>
    (JSON.parse(JSON.stringify(message)) as InboundMessageV1).text.length;

  for (const step of [road, bare]) rateOf(step, messages, ROUND_MS * 20);
  const roads: Rate[] = [];
  const bares: Rate[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    roads.push(rateOf(road, messages, ROUND_MS));
    bares.push(rateOf(bare, messages, ROUND_MS));
    // Lets the process breathe between rounds.
    await new Promise((resolve) => setImmediate(resolve));
  }
  const of = (rates: readonly Rate[], pick: keyof Rate): number => Math.round(median(rates.map((rate) => rate[pick])));
  const [value, limit] = [of(roads, 'perSecond'), of(bares, 'perSecond')];
  return {
    value,
    limit,
    ratio: Number((value / limit).toFixed(3)),
    unit: `messages of 4 KiB/s, encode + validate + decode, in this process alone; messages per CPU-second ${of(roads, 'perCpuSecond')}, bare ${of(bares, 'perCpuSecond')}`,
  };
}

interface Rate {
  readonly perSecond: number;
  /** With what the collector of garbage does beside it. */
  readonly perCpuSecond: number;
}

function rateOf(step: (message: InboundMessageV1) => number, messages: readonly InboundMessageV1[], ms: number): Rate {
  const [started, before] = [performance.now(), process.cpuUsage()];
  let done = 0;
  let characters = 0;
  while (performance.now() - started < ms) {
    for (const message of messages) characters += step(message);
    done += messages.length;
  }
  if (characters === 0) throw new Error('nothing was decoded');
  const { user, system } = process.cpuUsage(before);
  return { perSecond: (done / (performance.now() - started)) * 1000, perCpuSecond: (done / (user + system)) * 1e6 };
}

function median(numbers: readonly number[]): number {
  return [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? 0;
}

/** As an ordinary mail gives it: text, HTML, a quotation, two recipients, an attachment, references. */
function messageOf(index: number): InboundMessageV1 {
  const sentence = `Hello, my order 10${index} has not come yet; the tracking page says “in transit” since Friday. Viele Grüße, Zoë\n`;
  const message: InboundMessageV1 = {
    message_id: `019a0000-0000-8000-8000-${String(index).padStart(12, '0')}`,
    tenant: 'default',
    account_id: 'mail-support',
    channel: 'email',
    channel_slug: 'email-imap',
    delivery_id: '019a0000-0000-7000-8000-0000000000aa',
    part: 0,
    parts: 1,
    provider_message_id: `<CAF=${index}.abc@mail.example.com>`,
    conversation_key: '<CAF=root.abc@mail.example.com>',
    sender: { kind: 'email', id: 'zoe@example.com', name: 'Zoë Müller' },
    sender_verified: true,
    recipients: [
      { kind: 'email', id: 'support@shop.example', name: 'Support', role: 'to' },
      { kind: 'email', id: 'max@example.com', name: null, role: 'cc' },
    ],
    subject: 'Re: Where is my order?',
    text: '',
    html: `<p>${sentence.repeat(6)}</p>`,
    quoted_text: `> ${sentence.repeat(4)}`,
    body_ref: null,
    attachments: [
      {
        key: 'default/att/2026/11/21/019a',
        size: 18_233,
        sha256: 'a'.repeat(64),
        name: 'photo.jpg',
        content_type: 'image/jpeg',
        inline: false,
      },
    ],
    provider_time: '2026-11-21T08:15:28Z',
    received_at: '2026-11-21T08:15:30.120Z',
    threading: {
      reply_token: null,
      references: ['<CAF=1.abc@mail.example.com>', '<CAF=root.abc@mail.example.com>'],
      subject_base: 'Where is my order?',
    },
    automatic: null,
    delivery_report: null,
    flags: ['backfilled'],
    provider_fields: { mailbox: 'INBOX', uid: String(4000 + index) },
  };
  message.text = sentence.repeat(40);
  const surplus = Buffer.byteLength(JSON.stringify(message)) - VALUE_BYTES;
  message.text = message.text.slice(0, Math.max(1, message.text.length - surplus));
  message.text += '.'.repeat(VALUE_BYTES - Buffer.byteLength(JSON.stringify(message)));
  return message;
}
