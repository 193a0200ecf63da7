import { invalidParameter, oauthError } from '../errors.js';
import type { App, Subscription } from '../model.js';
import type { MetaObject } from '../options.js';
import type { Stage } from '../stage.js';
import { OBJECTS } from '../subscriptions.js';
import type { Wanted } from '../subscriptions.js';
import { neededText, textParam } from './request.js';
import type { GraphCallContext } from './request.js';

export type Subscriber = (app: App, wanted: Wanted) => Promise<unknown>;

/** GET, POST, DELETE /{app-id}/subscriptions with an app token (`app id|app secret`). */
export async function appSubscriptions(call: GraphCallContext, app: App, subscribe: Subscriber): Promise<unknown> {
  if (call.user !== undefined || call.app !== app) {
    throw oauthError(400, 15, '(#15) This method must be called with an app access_token.');
  }
  if (call.method === 'GET') return { data: [...app.subscriptions.values()].map(subscriptionNode) };
  if (call.method === 'DELETE') {
    const object = textParam(call, 'object');
    if (object === undefined) app.subscriptions.clear();
    else app.subscriptions.delete(objectOf(object));
    return { success: true };
  }
  const fields = textParam(call, 'fields')
    ?.split(',')
    .map((field) => field.trim());
  await subscribe(app, {
    object: objectOf(neededText(call, 'object')),
    callbackUrl: neededText(call, 'callback_url'),
    verifyToken: neededText(call, 'verify_token'),
    ...(fields === undefined ? {} : { fields }),
  });
  return { success: true };
}

function objectOf(text: string): MetaObject {
  const object = OBJECTS.find((known) => known === text);
  if (object === undefined) throw invalidParameter(`Param object must be one of {${OBJECTS.join(', ')}}`);
  return object;
}

function subscriptionNode({ object, callbackUrl, active, fields }: Subscription) {
  return {
    object,
    callback_url: callbackUrl,
    active,
    fields: (fields ?? []).map((name) => ({ name, version: 'v25.0' })),
  };
}

/** GET /debug_token?input_token=…: is a token good, whose is it. */
export function debugToken(stage: Stage, call: GraphCallContext): unknown {
  const token = stage.registry.tokens.get(neededText(call, 'input_token'));
  if (token === undefined || token.appId !== call.app.options.id) {
    return { data: { is_valid: false, error: { code: 190, message: 'Invalid OAuth access token.' }, scopes: [] } };
  }
  const valid = token.state === 'valid';
  const error = valid
    ? {}
    : {
        error: {
          code: 190,
          message: 'The access token is no longer valid.',
          subcode: token.state === 'expired' ? 463 : 460,
        },
      };
  return {
    data: {
      app_id: token.appId,
      type: 'PAGE',
      application: 'Fanin',
      expires_at: 0,
      is_valid: valid,
      ...error,
      scopes: [
        'pages_messaging',
        'pages_manage_engagement',
        'instagram_manage_messages',
        'whatsapp_business_messaging',
      ],
      granular_scopes: [...token.accountIds].map((id) => ({ scope: 'messaging', target_ids: [id] })),
    },
  };
}
