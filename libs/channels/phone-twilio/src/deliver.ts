import { SendUncertain, type Deliver, type Reconciled, type SendOutcome } from '@fanin/connector-kit';
import type { OutboundMessageV1 } from '@fanin/contracts';
import { FaninError, type Clock } from '@fanin/kernel';
import { isHidden, partsOf } from './addresses.js';
import type { NewMessage, TwilioClient } from './client.js';
import type { Config } from './config.js';
import { isAboutMessage, mayHaveBeenTaken, toFaninError } from './errors.js';
import { manifest } from './manifest.js';

/** Clocks differ: what Twilio made up to so long before our first attempt is looked at too. */
const CLOCK_SKEW_MS = 60_000;
/** Twilio's list may lack what it took a moment ago; only after this is absence believed. */
const LISTED_AFTER_MS = 30_000;

interface Pair {
  readonly customer: string;
  readonly ours: string;
}

export function createDeliver(
  config: Config,
  client: TwilioClient,
  statusHook: (outboundId: string) => string,
  clock: Clock,
): Deliver & Required<Pick<Deliver, 'reconcile'>> {
  return {
    send: async (message, { signal }): Promise<SendOutcome> => {
      const pair = pairOf(message);
      const refusal = refusalOf(message, pair, clock.now());
      if (refusal !== undefined || pair === undefined)
        return { status: 'failed', ...(refusal ?? { code: 'UNSUPPORTED', reason: NO_PAIR }) };
      try {
        const { sid } = await client.send(requestOf(message, pair, config, statusHook), signal);
        return { status: 'sent', providerMessageId: sid };
      } catch (error) {
        const fault = toFaninError(error);
        if (mayHaveBeenTaken(error)) throw new SendUncertain(fault.message);
        if (isAboutMessage(error)) return { status: 'failed', code: fault.code, reason: fault.message };
        throw fault;
      }
    },
    reconcile: async (message, { signal, since, known }): Promise<Reconciled> => {
      const pair = pairOf(message);
      if (pair === undefined) return { status: 'absent' };
      const found = await candidates(message, pair, { client, since, known, signal }).catch((error: unknown) => {
        throw toFaninError(error);
      });
      const [first, ...others] = found;
      if (first !== undefined && (message.template === undefined || others.length === 0))
        return { status: 'sent', providerMessageId: first };
      if (first !== undefined)
        return {
          status: 'unclear',
          reason: 'several messages went to the customer at that time, and templates look alike',
        };
      const wait = since.getTime() + LISTED_AFTER_MS - clock.now();
      if (wait > 0)
        throw new FaninError('TRANSIENT', "it is too early to tell from Twilio's list", { retryAfterMs: wait });
      return { status: 'absent' };
    },
  };
}

const NO_PAIR = 'the conversation names no number that can be written to';

/** The customer wrote to one of our numbers, and is answered from it. */
function pairOf({ provider_fields: fields, conversation_key: key }: OutboundMessageV1): Pair | undefined {
  const { from, to } = fields;
  if (from !== undefined && to !== undefined) return { customer: from, ours: to };
  const match = /^(sms|whatsapp|rcs):([^:]+):([^:]+)$/.exec(key);
  if (match === null) return undefined;
  const [, channel = '', customer = '', ours = ''] = match;
  const prefix = channel === 'sms' ? '' : `${channel}:`;
  return { customer: prefix + customer, ours: prefix + ours };
}

function refusalOf(
  message: OutboundMessageV1,
  pair: Pair | undefined,
  now: number,
): { readonly code: string; readonly reason: string } | undefined {
  const max = manifest.limits.maxReplyChars ?? Infinity;
  if (pair === undefined) return { code: 'UNSUPPORTED', reason: NO_PAIR };
  if (isHidden(pair.customer) || !/^([a-z]+:)?\+?[0-9]+$/.test(pair.customer))
    return { code: 'UNSUPPORTED', reason: 'the customer cannot be written to: there is no number' };
  if (message.attachments.length > 0)
    return { code: 'UNSUPPORTED', reason: 'files cannot be sent by this channel: put a link into the text' };
  if (message.template === undefined && [...message.text].length > max)
    return { code: 'BAD_PAYLOAD', reason: `the reply is longer than ${max} characters` };
  const until = message.provider_fields['window_until'];
  if (message.template === undefined && until !== undefined && Date.parse(until) <= now)
    return {
      code: 'UNSUPPORTED',
      reason: `the 24 hours for free words ended at ${until}: use a template (Twilio 63016)`,
    };
  return undefined;
}

function requestOf(
  { text, template, outbound_id: outboundId }: OutboundMessageV1,
  { customer, ours }: Pair,
  config: Config,
  statusHook: (outboundId: string) => string,
): NewMessage {
  const isSms = partsOf(customer).channel === 'sms';
  const service = isSms ? config.messaging_service_sid : undefined;
  const content =
    template === undefined
      ? { body: text }
      : {
          contentSid: template.id,
          ...(Object.keys(template.variables).length === 0
            ? {}
            : { contentVariables: JSON.stringify(template.variables) }),
        };
  return {
    to: customer,
    from: ours,
    ...(service === undefined ? {} : { messagingServiceSid: service }),
    ...content,
    statusCallback: statusHook(outboundId),
  };
}

/** SIDs of messages that may be this reply, oldest first. */
async function candidates(
  message: OutboundMessageV1,
  { customer, ours }: Pair,
  context: {
    readonly client: TwilioClient;
    readonly since: Date;
    readonly known: ReadonlySet<string>;
    readonly signal: AbortSignal;
  },
): Promise<string[]> {
  const earliest = context.since.getTime() - CLOCK_SKEW_MS;
  const query = { To: customer, From: ours, PageSize: '100' };
  const found: string[] = [];
  for await (const each of context.client.list('/Messages.json', 'messages', query, context.signal)) {
    const created = Date.parse(String(each['date_created']));
    if (created < earliest) break;
    const { sid, direction, body } = each;
    if (typeof sid !== 'string' || context.known.has(sid) || direction === 'inbound') continue;
    // Twilio's own answers to STOP words, and messages of other programs, carry other words.
    const isThis = message.template === undefined ? sameText(body, message.text) : direction === 'outbound-api';
    if (isThis) found.push(sid);
  }
  return found.reverse();
}

function sameText(listed: unknown, sent: string): boolean {
  const plain = (text: string): string => text.replace(/\r\n?/g, '\n').trim();
  return typeof listed === 'string' && plain(listed) === plain(sent);
}
