import type { HookAddress, WebhookRequest } from '@fanin/connector-kit';
import type { Fields } from './fields.js';
import type { Kind } from './kinds.js';

export interface Route {
  readonly kind: Kind;
  /** What Twilio does with the answer: play it, take it for the answer to a message, or nothing. */
  readonly answers: 'voice' | 'message' | 'nothing';
}

const ROUTES: Readonly<Record<string, Route>> = {
  '/': { kind: 'message', answers: 'message' },
  '/messages': { kind: 'message', answers: 'message' },
  '/status': { kind: 'status', answers: 'nothing' },
  '/voice': { kind: 'call', answers: 'voice' },
  '/voice/dialed': { kind: 'dialed', answers: 'voice' },
  '/voice/menu': { kind: 'menu', answers: 'voice' },
  '/voice/recorded': { kind: 'recorded', answers: 'voice' },
  '/voice/recording': { kind: 'recording', answers: 'nothing' },
  '/voice/transcription': { kind: 'transcription', answers: 'nothing' },
  '/voice/status': { kind: 'call_status', answers: 'nothing' },
};

/** The fallback address stands in for both: what is called tells itself by its SID. */
export function routeOf(path: string, fields: Fields): Route | undefined {
  if (path === '/fallback') return fields.optionalSid('CallSid') === undefined ? ROUTES['/'] : ROUTES['/voice'];
  return Object.hasOwn(ROUTES, path) ? ROUTES[path] : undefined;
}

export const HOOKS: readonly HookAddress[] = [
  {
    path: '/',
    enter:
      'Phone Numbers → your number → Messaging → A message comes in: Webhook, HTTP POST. With a Messaging Service: Integration → Send a webhook. For WhatsApp: Senders → your sender → Webhook URL for incoming messages.',
  },
  {
    path: '/fallback',
    enter:
      'Beside the two addresses of messages and calls: Primary handler fails, HTTP POST. Best at another replica or region.',
  },
  { path: '/voice', enter: 'Phone Numbers → your number → Voice → A call comes in: Webhook, HTTP POST.' },
  { path: '/voice/status', enter: 'Phone Numbers → your number → Voice → Call status changes, HTTP POST.' },
];

/** The bytes that hold the fields: of a GET they stand in the address. */
export function bodyOf({ method, url, body }: WebhookRequest): Buffer {
  if (method !== 'GET') return body;
  const at = url.indexOf('?');
  return Buffer.from(at < 0 ? '' : url.slice(at + 1), 'utf8');
}
