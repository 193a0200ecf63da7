import type { App, Subscription } from './model.js';
import type { MetaSettings } from './options.js';
import type { Stage } from './stage.js';

/** One subscription as `subscriptions()` and `GET /_control/subscriptions` show it. */
export interface SubscriptionState {
  app: string;
  object: Subscription['object'];
  callback_url: string;
  fields?: string[];
  /** False once a delivery failed for the whole span of retries. */
  active: boolean;
  disabled_at?: string;
  /** Updates that were due while it was disabled. */
  missed: number;
}

export function subscriptionState(app: App, subscription: Subscription): SubscriptionState {
  const { object, callbackUrl, fields, active, disabledAt, missed } = subscription;
  return {
    app: app.options.id,
    object,
    callback_url: callbackUrl,
    ...(fields === undefined ? {} : { fields }),
    active,
    ...(disabledAt === undefined ? {} : { disabled_at: disabledAt }),
    missed,
  };
}

/** What a person needs at hand: addresses, ids, secrets and tokens, none of them real. */
export function aboutOf(stage: Stage): Record<string, unknown> {
  const { registry, settings, links, outbox } = stage;
  return {
    vendor: 'meta',
    graph: `${links.base}/${settings.versions.at(-1)}`,
    config: configOf(settings),
    held: outbox.held(),
    apps: [...registry.apps.values()].map(({ options: { id, secret, verifyToken, requireProof } }) => ({
      id,
      secret,
      verify_token: verifyToken,
      require_proof: requireProof ?? false,
    })),
    accounts: [...registry.accounts.values()].map(({ kind, id, name, entryId }) => ({
      kind,
      id,
      name,
      webhook_entry_id: entryId,
      access_tokens: [...registry.tokens.values()]
        .filter((token) => token.accountIds.has(id) && token.state === 'valid')
        .map((token) => token.value),
    })),
    inbound:
      '{"channel":"messenger|page_comment|instagram_dm|instagram_comment|instagram_mention|whatsapp","text":"…"}',
    more: [
      'POST /_control/raw {"object","entry"}',
      'POST /_control/flush',
      'GET /_control/calls',
      'GET /_control/subscriptions',
    ],
  };
}

/** The settings under the names that `POST /_control/config` takes. */
function configOf(settings: MetaSettings): Record<string, unknown> {
  const { delayMs, ...flags } = settings.receipts;
  const limit = settings.rateLimit;
  return {
    versions: settings.versions,
    expired_versions: settings.expiredVersions,
    batch: settings.batch,
    receipts: { ...flags, delay_ms: delayMs },
    rate_limit: limit === undefined ? null : { calls: limit.calls, per_ms: limit.perMs, code: limit.code },
    cdn_ttl_ms: settings.cdnTtlMs,
    media_url_ttl_ms: settings.mediaUrlTtlMs,
    whatsapp_window: settings.whatsappWindow,
  };
}
