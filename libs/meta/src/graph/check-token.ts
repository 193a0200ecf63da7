import { FaninError, type Logger } from '@fanin/kernel';
import { listAt, objectAt, textAt, type Json } from '../wire/json.js';
import { graphFault } from './errors.js';
import type { GraphClient } from './graph-client.js';

export interface TokenRights {
  /** Without these the account is of no use: PERMISSION. */
  readonly needed: readonly string[];
  /** Without these something does not work: said in the log. */
  readonly wished: readonly string[];
}

export interface TokenCheck {
  /** Calls as the app itself (`app id|app secret`). */
  readonly app: GraphClient;
  readonly appId: string;
  readonly token: string;
  readonly rights: TokenRights;
  readonly nowMs: number;
  /** Said once, not at every check. */
  readonly warn: Logger['warn'];
}

const SOON_MS = 7 * 24 * 3_600_000;

/** What the token may do and how long (facebook-login/guides/access-tokens/debugging). Throws AUTH, PERMISSION, CONFIG. */
export async function checkToken(check: TokenCheck, signal: AbortSignal): Promise<void> {
  const answer = await read(check.app, 'debug_token', { input_token: check.token }, signal);
  const token = objectAt(answer, 'data');
  if (token?.['is_valid'] !== true) {
    const why = textAt(objectAt(token, 'error'), 'message') ?? 'Meta calls it invalid';
    throw new FaninError('AUTH', `the access token does not work any more: ${why.slice(0, 200)}`);
  }
  const appId = textAt(token, 'app_id');
  if (appId !== undefined && appId !== check.appId)
    throw new FaninError('CONFIG', `access_token was made for the app ${appId}, not for app_id ${check.appId}`);
  const granted = new Set(listAt(token, 'scopes'));
  const lacking = (names: readonly string[]): string => names.filter((name) => !granted.has(name)).join(', ');
  const missing = lacking(check.rights.needed);
  if (missing !== '') throw new FaninError('PERMISSION', `the access token lacks the permission ${missing}`);
  const wanting = lacking(check.rights.wished);
  if (wanting !== '') check.warn('the access token lacks permissions that some replies need', { permissions: wanting });
  const endsAt = Number(token['expires_at'] ?? 0) * 1_000;
  if (endsAt > 0 && endsAt - check.nowMs < SOON_MS)
    check.warn('the access token ends soon; make one that does not expire', {
      ends_at: new Date(endsAt).toISOString(),
    });
}

/** A GET of a check, whose failure is in the closed list. Waits for no throttle: that is what the check has to tell. */
export async function read(
  graph: GraphClient,
  path: string,
  params: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<Json> {
  try {
    graph.refuseWhileThrottled();
    return await graph.get(path, params, signal);
  } catch (error) {
    throw graphFault(error);
  }
}

/** Passes each distinct line on once. */
export function saidOnce(warn: Logger['warn']): Logger['warn'] {
  const said = new Set<string>();
  return (message, fields) => {
    const line = JSON.stringify([message, fields]);
    if (said.has(line)) return;
    said.add(line);
    warn(message, fields);
  };
}
