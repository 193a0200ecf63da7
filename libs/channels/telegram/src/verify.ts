import { createHash, timingSafeEqual } from 'node:crypto';
import type { WebhookCapture, WebhookRequest } from '@fanin/connector-kit';

export const SECRET_HEADER = 'x-telegram-bot-api-secret-token';

/**
 * Pure: did Telegram send this? It shows the secret that setWebhook was given (https://core.telegram.org/bots/api#setwebhook);
 * nothing is signed, so what guards the body is TLS alone.
 */
export function verify(request: WebhookRequest, secret: string | undefined): ReturnType<WebhookCapture['verify']> {
  if (secret === undefined) return { ok: false, status: 403, reason: 'this account has no webhook_secret' };
  const shown = request.headers[SECRET_HEADER];
  if (shown === undefined || shown === '') return { ok: false, status: 401, reason: `no ${SECRET_HEADER}` };
  // Hashed first: timingSafeEqual wants equal lengths, and the length is nobody's business.
  const isRight = timingSafeEqual(sha256(shown), sha256(secret));
  return isRight ? { ok: true } : { ok: false, status: 401, reason: `wrong ${SECRET_HEADER}` };
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
