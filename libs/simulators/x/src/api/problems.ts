import { jsonReply } from '@fanin/simulators/core';
import type { SimulatorReply } from '@fanin/simulators/core';

/** What X's API answers with in the wild; its documents write api.x.com here. */
export const PROBLEMS = 'https://api.twitter.com/2/problems';

type Parameters = Record<string, string[]>;

export function unauthorized(): SimulatorReply {
  return plain(401, 'Unauthorized', 'Unauthorized');
}

export function forbidden(detail: string): SimulatorReply {
  return plain(403, 'Forbidden', detail);
}

export function notFound(): SimulatorReply {
  return plain(404, 'Not Found', 'Not Found');
}

/** Problems that have no type of their own. */
export function plain(status: number, title: string, detail: string): SimulatorReply {
  return jsonReply(status, { title, type: 'about:blank', status, detail });
}

export function invalidRequest(message: string, parameters?: Parameters): SimulatorReply {
  return jsonReply(400, {
    errors: [{ ...(parameters === undefined ? {} : { parameters }), message }],
    title: 'Invalid Request',
    detail: 'One or more parameters to your request was invalid.',
    type: `${PROBLEMS}/invalid-request`,
  });
}

export function unsupportedAuthentication(used: string, supported: readonly string[]): SimulatorReply {
  return jsonReply(403, {
    title: 'Unsupported Authentication',
    detail: `Authenticating with ${used} is forbidden for this endpoint.  Supported authentication types are [${supported.join(', ')}].`,
    type: `${PROBLEMS}/unsupported-authentication`,
    status: 403,
  });
}

/** An entry of `errors` beside (or in place of) the data, with status 200. */
export function missingResource(type: 'tweet' | 'user' | 'dm_event', id: string, parameter = 'id') {
  return {
    value: id,
    detail: `Could not find ${type} with ${parameter}: [${id}].`,
    title: 'Not Found Error',
    resource_type: type,
    parameter,
    resource_id: id,
    type: `${PROBLEMS}/resource-not-found`,
  };
}

export function tooManyRequests(headers: Record<string, string>): SimulatorReply {
  const reply = plain(429, 'Too Many Requests', 'Too Many Requests');
  return { ...reply, headers: { ...reply.headers, ...headers } };
}

export function usageCapped(accountId: string): SimulatorReply {
  return jsonReply(429, {
    account_id: Number(accountId),
    product_name: 'standard-basic',
    title: 'UsageCapExceeded',
    period: 'Monthly',
    scope: 'Product',
    detail: 'Usage cap exceeded: Monthly product cap',
    type: `${PROBLEMS}/usage-capped`,
  });
}

export function creditsDepleted(accountId: string): SimulatorReply {
  return jsonReply(402, {
    account_id: Number(accountId),
    title: 'CreditsDepleted',
    detail: `Your enrolled account [${accountId}] does not have any credits to fulfill this request.`,
    type: `${PROBLEMS}/credits`,
  });
}

const TITLES: Record<number, string> = {
  400: 'Bad Request',
  404: 'Not Found',
  500: 'Internal Server Error',
  502: 'Bad Gateway',
  503: 'Service Unavailable',
  504: 'Gateway Timeout',
};

/** For a fault: the body that X gives with this status. */
export function problemOf(status: number, accountId: string, rateHeaders: Record<string, string>): SimulatorReply {
  if (status === 401) return unauthorized();
  if (status === 402) return creditsDepleted(accountId);
  if (status === 403) return forbidden('You are not permitted to perform this action.');
  if (status === 429) return tooManyRequests(rateHeaders);
  const title = TITLES[status] ?? 'Error';
  return plain(status, title, title);
}
