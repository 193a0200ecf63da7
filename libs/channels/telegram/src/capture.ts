import type { CapturedDelivery, WebhookCapture } from '@fanin/connector-kit';
import type { TelegramConfig } from './config.js';
import { orderKeyOf, readUpdate } from './update.js';
import { verify } from './verify.js';

export function createCapture(config: TelegramConfig): WebhookCapture {
  return {
    shape: 'webhook',
    verify: (request) => verify(request, config.webhook_secret),
    receive: async (request, emit) => {
      if (request.method !== 'POST') return { status: 405, headers: { allow: 'POST' } };
      await emit([deliveryOf(request.body)]);
      return { status: 200 };
    },
  };
}

/** One update as a delivery, the same through both doors. What cannot be read is kept all the same. */
export function deliveryOf(body: Buffer): CapturedDelivery {
  const orderKey = keyOf(body);
  return { body, contentType: 'application/json', meta: {}, ...(orderKey === undefined ? {} : { orderKey }) };
}

function keyOf(body: Buffer): string | undefined {
  try {
    return orderKeyOf(readUpdate(body));
  } catch {
    return undefined;
  }
}
