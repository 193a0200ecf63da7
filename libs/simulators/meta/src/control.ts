import { ControlError } from '@fanin/simulators/core';
import { checkedBatch } from './options.js';
import type { MetaObject, MetaSettings, RateLimit, ReceiptPlan } from './options.js';
import type { Stage } from './stage.js';
import { OBJECTS } from './subscriptions.js';
import type { Wanted } from './subscriptions.js';
import type { App } from './model.js';

/** Body of `configure(...)` and of `POST /_control/config`; every part may be left out. */
export interface MetaConfigBody {
  /** Which app the webhooks are of; the only one without it. */
  app?: string;
  /** Each is verified with its GET challenge; null unsubscribes. */
  webhooks?: Partial<Record<MetaObject, string | null>>;
  /** Also sent in the challenge; the app's own without it. */
  verify_token?: string;
  /** Only these fields are delivered; all without it. */
  fields?: string[];
  require_proof?: boolean;
  /** Access token → what it is from now on. */
  tokens?: Record<string, 'valid' | 'revoked' | 'expired'>;
  /** Old access token → new one: the old is revoked, the new reaches the same accounts. */
  replace_tokens?: Record<string, string>;
  batch?: number;
  receipts?: Partial<{ echo: boolean; delivered: boolean; read: boolean; mids: boolean; delay_ms: number }>;
  /** null lifts it. */
  rate_limit?: { calls: number; per_ms: number; code: RateLimit['code'] } | null;
  versions?: string[];
  expired_versions?: string[];
  cdn_ttl_ms?: number;
  media_url_ttl_ms?: number;
  whatsapp_window?: 'report' | 'refuse';
}

const KEYS = [
  'app',
  'webhooks',
  'verify_token',
  'fields',
  'require_proof',
  'tokens',
  'replace_tokens',
  'batch',
  'receipts',
  'rate_limit',
  'versions',
  'expired_versions',
  'cdn_ttl_ms',
  'media_url_ttl_ms',
  'whatsapp_window',
];

export async function applyConfig(
  stage: Stage,
  body: MetaConfigBody,
  subscribe: (app: App, wanted: Wanted) => Promise<unknown>,
): Promise<void> {
  const unknown = Object.keys(body).filter((key) => !KEYS.includes(key));
  if (unknown.length > 0) throw new ControlError(`unknown ${unknown.join(', ')}; the config knows ${KEYS.join(', ')}`);
  applySettings(stage.settings, body);
  for (const [token, state] of Object.entries(body.tokens ?? {})) stage.registry.setToken(token, state);
  for (const [old, fresh] of Object.entries(body.replace_tokens ?? {})) stage.registry.replaceToken(old, fresh);
  if (body.require_proof !== undefined) appOf(stage, body).options.requireProof = body.require_proof;
  if (body.webhooks === undefined) return;
  const app = appOf(stage, body);
  for (const [object, url] of Object.entries(body.webhooks)) {
    const known = OBJECTS.find((one) => one === object);
    if (known === undefined) throw new ControlError(`"webhooks" has ${object}; it may have ${OBJECTS.join(', ')}`);
    if (url === null) app.subscriptions.delete(known);
    else
      await subscribe(app, {
        object: known,
        callbackUrl: url,
        verifyToken: body.verify_token ?? app.options.verifyToken,
        ...fieldsOf(body),
      });
  }
}

const fieldsOf = (body: MetaConfigBody) => (body.fields === undefined ? {} : { fields: body.fields });

function appOf(stage: Stage, body: MetaConfigBody): App {
  if (body.app !== undefined) return stage.registry.app(body.app);
  const [app, ...more] = stage.registry.apps.values();
  if (app === undefined || more.length > 0)
    throw new ControlError(`name the "app": ${[...stage.registry.apps.keys()].join(', ')}`);
  return app;
}

function applySettings(settings: MetaSettings, body: MetaConfigBody): void {
  if (body.batch !== undefined) settings.batch = checkedBatch(body.batch);
  if (body.versions !== undefined) settings.versions = body.versions;
  if (body.expired_versions !== undefined) settings.expiredVersions = body.expired_versions;
  if (body.cdn_ttl_ms !== undefined) settings.cdnTtlMs = body.cdn_ttl_ms;
  if (body.media_url_ttl_ms !== undefined) settings.mediaUrlTtlMs = body.media_url_ttl_ms;
  if (body.whatsapp_window !== undefined) settings.whatsappWindow = body.whatsapp_window;
  if (body.rate_limit === null) delete settings.rateLimit;
  else if (body.rate_limit !== undefined) {
    const { calls, per_ms: perMs, code } = body.rate_limit;
    settings.rateLimit = { calls, perMs, code };
  }
  if (body.receipts === undefined) return;
  const { delay_ms: delayMs, ...flags } = body.receipts;
  const plan: ReceiptPlan = { ...settings.receipts, ...flags };
  settings.receipts = delayMs === undefined ? plan : { ...plan, delayMs };
}
