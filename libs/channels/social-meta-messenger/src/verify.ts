import type { WebhookCapture, WebhookRequest } from '@fanin/connector-kit';
import { appSecretsOf, verifyMeta, type MetaAppConfig } from '@fanin/meta';

/** Pure: was it Meta that asked (GET, verify token) or delivered (POST, signature over the raw bytes)? */
export function verify(request: WebhookRequest, config: MetaAppConfig): ReturnType<WebhookCapture['verify']> {
  return verifyMeta(request, { secrets: appSecretsOf(config), verifyToken: config.verify_token });
}
