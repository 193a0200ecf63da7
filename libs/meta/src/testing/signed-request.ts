import { createHmac } from 'node:crypto';
import { webhookRequest, type WebhookRequest } from '@fanin/connector-kit';

/** A delivery signed as Meta signs. */
export function metaRequest(body: Buffer, secret: string, contentType = 'application/json'): WebhookRequest {
  const signature = createHmac('sha256', secret).update(body).digest('hex');
  return webhookRequest({
    body,
    headers: { 'content-type': contentType, 'x-hub-signature-256': `sha256=${signature}` },
  });
}
