import { createHmac, timingSafeEqual } from 'node:crypto';
import type { WebhookCapture, WebhookRequest } from '@fanin/connector-kit';

export function verify(request: WebhookRequest, secret: string): ReturnType<WebhookCapture['verify']> {
  const given = Buffer.from(request.headers['x-echo-signature'] ?? '', 'utf8');
  const right = Buffer.from(createHmac('sha256', secret).update(request.body).digest('hex'), 'utf8');
  if (given.length === right.length && timingSafeEqual(given, right)) return { ok: true };
  return { ok: false, status: 401, reason: 'the signature does not fit the body' };
}
