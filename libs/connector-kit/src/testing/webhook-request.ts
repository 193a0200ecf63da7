import type { WebhookRequest } from '../capture.js';

/** A webhook request for tests: POST to the account's own address unless told otherwise. */
export function webhookRequest(request: Partial<WebhookRequest> & { readonly body: Buffer }): WebhookRequest {
  const path = request.path ?? '/';
  return {
    method: 'POST',
    url: `https://fanin.example/hooks/account-1${path === '/' ? '' : path}`,
    query: {},
    headers: {},
    ...request,
    path,
  };
}
