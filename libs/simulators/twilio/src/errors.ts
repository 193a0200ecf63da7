import { jsonReply } from '@fanin/simulators/core';
import type { SimulatorReply } from '@fanin/simulators/core';

/** A refusal as the REST API words it: HTTP status, Twilio's code, a message. */
export class ApiRefusal extends Error {
  constructor(
    readonly status: number,
    readonly code: number,
    message: string,
  ) {
    super(message);
  }
}

/** The JSON error body of the 2010-04-01 API, read by the SDK's RestException. */
export function refusalReply(refusal: ApiRefusal): SimulatorReply {
  const headers: Record<string, string> =
    refusal.status === 401 ? { 'www-authenticate': 'Basic realm="Twilio API"' } : {};
  return jsonReply(
    refusal.status,
    {
      code: refusal.code,
      message: refusal.message,
      more_info: `https://www.twilio.com/docs/errors/${refusal.code}`,
      status: refusal.status,
    },
    { ...headers, 'twilio-concurrent-requests': '1', 'twilio-request-duration': '0.010' },
  );
}

const CODES: Record<number, [code: number, message: string]> = {
  401: [20003, 'Authenticate'],
  403: [20403, 'Forbidden'],
  404: [20404, 'The requested resource was not found'],
  429: [20429, 'Too Many Requests'],
  500: [20500, 'An internal server error has occurred'],
  503: [20503, 'Service unavailable'],
};

/** The error the API gives for an HTTP status when nothing more is known (faults). */
export function refusalOf(status: number): ApiRefusal {
  const [code, message] = CODES[status] ?? [status >= 500 ? 20500 : 20001, `HTTP ${status}`];
  return new ApiRefusal(status, code, message);
}

export const notFound = (path: string): ApiRefusal =>
  new ApiRefusal(404, 20404, `The requested resource ${path} was not found`);

export const badRequest = (code: number, message: string): ApiRefusal => new ApiRefusal(400, code, message);
