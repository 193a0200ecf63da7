import { basicAuthOf, formOf, jsonOf, jsonReply } from '@fanin/simulators/core';
import type { Router, SimulatorReply, SimulatorRequest } from '@fanin/simulators/core';
import type { XWorld } from '../world/world.js';

const SCOPES = 'tweet.read tweet.write users.read dm.read dm.write offline.access';

/** POST /2/oauth2/token and /2/oauth2/revoke for users, POST /oauth2/token for the app itself. */
export function addOauth2Routes(router: Router, world: XWorld): void {
  router.on('POST', '/2/oauth2/token', (request) => (isApp(world, request) ? userToken(world, request) : unknownApp()));
  router.on('POST', '/2/oauth2/revoke', (request) => {
    if (!isApp(world, request)) return unknownApp();
    world.tokens.invalidate(fieldsOf(request).get('token') ?? '');
    return jsonReply(200, { revoked: true });
  });
  router.on('POST', '/oauth2/token', (request) => appToken(world, request));
}

function userToken(world: XWorld, request: SimulatorRequest): SimulatorReply {
  const fields = fieldsOf(request);
  const grant = fields.get('grant_type');
  if (grant !== 'refresh_token') {
    return refused('unsupported_grant_type', `The simulator has no sign-in page, thus no grant "${grant ?? ''}".`);
  }
  const tokens = world.tokens.exchange(fields.get('refresh_token') ?? '');
  if (tokens === undefined) return refused('invalid_request', 'Value passed for the token was invalid.');
  return jsonReply(200, {
    token_type: 'bearer',
    expires_in: Math.floor(world.settings.token_ttl_ms / 1000),
    access_token: tokens.accessToken,
    scope: SCOPES,
    refresh_token: tokens.refreshToken,
  });
}

/** developer.x.com, "OAuth 2.0 Bearer Token": the consumer key and secret as Basic, client_credentials. */
function appToken(world: XWorld, request: SimulatorRequest): SimulatorReply {
  const basic = basicAuthOf(request);
  const known = basic?.user === world.app.consumerKey && basic.password === world.app.consumerSecret;
  if (!known || fieldsOf(request).get('grant_type') !== 'client_credentials') {
    return jsonReply(403, {
      errors: [{ code: 99, message: 'Unable to verify your credentials', label: 'authenticity_token_error' }],
    });
  }
  return jsonReply(200, { token_type: 'bearer', access_token: world.app.bearerToken });
}

/** A confidential client proves itself by Basic, its parts percent-encoded. */
function isApp(world: XWorld, request: SimulatorRequest): boolean {
  const basic = basicAuthOf(request);
  return (
    basic !== undefined &&
    decodeURIComponent(basic.user) === world.app.clientId &&
    decodeURIComponent(basic.password) === world.app.clientSecret
  );
}

function unknownApp(): SimulatorReply {
  return jsonReply(401, { error: 'unauthorized_client', error_description: 'Missing valid authorization header' });
}

function refused(error: string, description: string): SimulatorReply {
  return jsonReply(400, { error, error_description: description });
}

/** The documents ask for a form; twitter-api-v2 sends JSON, and X takes it. */
function fieldsOf(request: SimulatorRequest): URLSearchParams {
  if (!(request.headers['content-type'] ?? '').startsWith('application/json')) return formOf(request);
  return new URLSearchParams(Object.entries((jsonOf(request) ?? {}) as Record<string, string>));
}
