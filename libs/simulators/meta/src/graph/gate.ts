import {
  expiredToken,
  invalidProof,
  missingProof,
  missingToken,
  oauthError,
  revokedToken,
  throttled,
  unreadableToken,
} from '../errors.js';
import type { Account, App } from '../model.js';
import { appSecretProof, sameText } from '../signature.js';
import type { Stage } from '../stage.js';
import type { GraphCallContext, GraphParams } from './request.js';
import { textParam } from './request.js';

/** Token, proof and rate limit, in this order. Throws the GraphError that Meta answers. */
export function passGate(stage: Stage, call: GraphParams): GraphCallContext {
  if (call.token === undefined) {
    if (call.path[0] !== 'me') throw missingToken();
    throw oauthError(400, 2500, 'An active access token must be used to query information about the current user.');
  }
  const context = { ...call, ...whoCalls(stage, call.token) };
  checkProof(context.app, call);
  countCall(stage, context.app, context.accounts);
  return context;
}

function whoCalls(stage: Stage, value: string): Pick<GraphCallContext, 'app' | 'user' | 'accounts'> {
  const [appId = '', secret = ''] = value.split('|');
  const app = stage.registry.apps.get(appId);
  if (app !== undefined && sameText(app.options.secret, secret)) return { app, accounts: [] };
  const user = stage.registry.tokens.get(value);
  if (user === undefined) throw unreadableToken();
  if (user.state === 'revoked') throw revokedToken();
  if (user.state === 'expired') throw expiredToken();
  const accounts = [...user.accountIds].map((id) => stage.registry.account(id));
  return { app: stage.registry.app(user.appId), user, accounts };
}

/** A proof that is there is checked even where the app does not require one. */
function checkProof(app: App, call: GraphParams): void {
  const proof = textParam(call, 'appsecret_proof');
  delete call.params['appsecret_proof'];
  if (proof === undefined) {
    if (app.options.requireProof === true && call.token?.includes('|') === false) throw missingProof();
    return;
  }
  if (!sameText(proof, appSecretProof(app.options.secret, call.token ?? ''))) throw invalidProof();
}

function countCall(stage: Stage, app: App, accounts: readonly Account[]): void {
  const limit = stage.settings.rateLimit;
  if (limit === undefined) return;
  const now = stage.clock.now();
  app.calls = app.calls.filter((at) => at > now - limit.perMs);
  if (app.calls.length >= limit.calls) throw throttled(limit.code, usageHeaders(stage, app, accounts));
  app.calls.push(now);
}

/** Percent of the limit used; minutes until calls are taken again once it is full. */
export function usageHeaders(
  stage: Stage,
  app: App,
  accounts: readonly Account[],
  full = false,
): Record<string, string> {
  const limit = stage.settings.rateLimit ?? { calls: 10_000, perMs: 3_600_000 };
  const used = full || limit.calls === 0 ? 100 : Math.min(100, Math.round((app.calls.length * 100) / limit.calls));
  const usage = { call_count: used, total_cputime: Math.round(used / 4), total_time: Math.round(used / 4) };
  const oldest = app.calls[0] ?? stage.clock.now();
  const minutes = used < 100 ? 0 : Math.max(1, Math.ceil((oldest + limit.perMs - stage.clock.now()) / 60_000));
  const first = accounts[0];
  const headers: Record<string, string> = { 'x-app-usage': JSON.stringify(usage) };
  if (first === undefined) return headers;
  const type = { page: 'pages', instagram: 'instagram', phone: 'whatsapp' }[first.kind];
  headers['x-business-use-case-usage'] = JSON.stringify({
    [first.entryId]: [{ type, ...usage, estimated_time_to_regain_access: minutes }],
  });
  return headers;
}
