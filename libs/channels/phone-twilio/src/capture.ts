import type { CapturedDelivery, WebhookCapture, WebhookRequest, WebhookResponse } from '@fanin/connector-kit';
import type { Clock } from '@fanin/kernel';
import { callConversation, messageConversation } from './addresses.js';
import { EMPTY_TWIML, voiceTwiml } from './client-twiml.js';
import { readFields, type Fields, type FormReader } from './fields.js';
import type { KnownSids } from './known-sids.js';
import type { Meta } from './kinds.js';
import { saidStatus, statusKey } from './normalise-status.js';
import { bodyOf, routeOf, type Route } from './routes.js';
import { nextSteps, type FlowContext } from './voice-flow.js';
import type { VoicePlan } from './voice-plan.js';

export interface CaptureParts {
  readonly verify: WebhookCapture['verify'];
  readonly forms: FormReader;
  readonly plan: VoicePlan;
  readonly hook: FlowContext['hook'];
  readonly known: KnownSids;
  readonly clock: Clock;
  /** Called when the log refused a delivery: Twilio does not send a message again, so the lists must be asked. */
  readonly onRefused: () => void;
  /** Called when the log took one. */
  readonly onTaken: () => void;
}

const FORM = 'application/x-www-form-urlencoded';

/** Everything is durable before Twilio hears a word; what the caller hears next follows from the request alone. */
export function createCapture(parts: CaptureParts): WebhookCapture {
  return {
    shape: 'webhook',
    verify: parts.verify,
    receive: async (request, emit) => {
      const body = bodyOf(request);
      const contentType = request.headers['content-type'] ?? FORM;
      const fields = readFieldsLoosely(body, request.method === 'GET' ? FORM : contentType, parts.forms);
      const route = routeOf(request.path, fields);
      if (route === undefined) return notHere(request.path);
      const meta = metaOf(route, request, fields, parts);
      const delivery: CapturedDelivery = { body, contentType, meta, orderKey: orderKeyOf(route, fields) };
      try {
        await emit([delivery]);
      } catch (error) {
        parts.onRefused();
        throw error;
      }
      parts.onTaken();
      for (const sid of settledBy(route, fields, meta)) parts.known.add(sid);
      return answer(route, fields, meta, parts);
    },
  };
}

/** A body that is no JSON is kept all the same, and dead-lettered where people can look at it. */
function readFieldsLoosely(body: Buffer, contentType: string, forms: FormReader): Fields {
  try {
    return readFields(body, contentType, forms);
  } catch {
    return readFields(Buffer.alloc(0), FORM);
  }
}

function notHere(path: string): WebhookResponse {
  return {
    status: 404,
    headers: { 'content-type': 'text/plain; charset=utf-8' },
    body: `Nothing is taken at ${path.slice(0, 100)}. Messages go to the address itself, calls to /voice, their status to /voice/status.\n`,
  };
}

function metaOf(route: Route, request: WebhookRequest, fields: Fields, { plan, clock }: CaptureParts): Meta {
  const { query } = request;
  const meta: Record<string, string> = { kind: route.kind };
  if (route.kind === 'status' && query['outbound_id'] !== undefined)
    meta['outbound_id'] = query['outbound_id'].slice(0, 64);
  if (route.kind === 'call') meta['reception'] = plan.receptionAt(clock.now());
  if (route.kind === 'call_status') meta['reception'] = plan.receptionAt(startOf(fields, clock));
  if (
    route.kind === 'menu' &&
    fields.text('Digits', 16) === plan.config?.callback_key &&
    plan.config?.callback === true
  )
    meta['callback_due'] = plan.callbackDue(clock.now());
  if (route.kind === 'recording' || route.kind === 'transcription') {
    if (query['from'] !== undefined && query['from'] !== '') meta['from'] = query['from'].slice(0, 300);
    if (query['to'] !== undefined && query['to'] !== '') meta['to'] = query['to'].slice(0, 300);
  }
  return meta;
}

/** When the call began that ends now. */
function startOf(fields: Fields, clock: Clock): number {
  const end = fields.time('Timestamp');
  return (end === null ? clock.now() : Date.parse(end)) - (fields.count('CallDuration') ?? 0) * 1000;
}

function orderKeyOf({ kind }: Route, fields: Fields): string {
  const call = fields.optionalSid('ParentCallSid') ?? fields.optionalSid('CallSid');
  if (kind !== 'message' && kind !== 'status') return callConversation(call ?? '');
  if (kind === 'message') return messageConversation(fields.text('From', 300) ?? '', fields.text('To', 300) ?? '');
  return fields.optionalSid('MessageSid') ?? '';
}

/** Of whose listing nothing new can come. A call that rang nobody may yet turn out to have been missed. */
function settledBy({ kind }: Route, fields: Fields, meta: Meta): string[] {
  if (kind === 'status') {
    const own = fields.optionalSid('MessageSid') ?? fields.optionalSid('SmsSid');
    return own === undefined ? [] : [statusKey(own, saidStatus(fields))];
  }
  const sid =
    kind === 'message'
      ? (fields.optionalSid('MessageSid') ?? fields.optionalSid('SmsMessageSid'))
      : kind === 'dialed' || (kind === 'call' && meta['reception'] === 'refused')
        ? fields.optionalSid('CallSid')
        : undefined;
  return sid === undefined ? [] : [sid];
}

function answer(route: Route, fields: Fields, meta: Meta, { plan, hook }: CaptureParts): WebhookResponse {
  if (route.answers === 'nothing') return { status: 204 };
  const headers = { 'content-type': 'text/xml; charset=utf-8' };
  if (route.answers === 'message') return { status: 200, headers, body: EMPTY_TWIML };
  const prompts = plan.promptsFor(fields.text('To', 300));
  const steps = nextSteps(route.kind, fields, meta, { plan, prompts, hook });
  return { status: 200, headers, body: voiceTwiml(steps, prompts, plan.config?.callback_key ?? '1') };
}
