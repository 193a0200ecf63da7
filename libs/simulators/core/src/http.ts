import type { IncomingHttpHeaders } from 'node:http';

/** One call that reached the simulator. */
export interface SimulatorRequest {
  method: string;
  /** Percent-encoded path without the query, as it came. */
  path: string;
  /** Path and query as they came: what a signature over the URL needs. */
  target: string;
  query: URLSearchParams;
  headers: IncomingHttpHeaders;
  body: Buffer;
  /** The `:names` of the route, decoded. */
  params: Record<string, string>;
}

export interface SimulatorReply {
  status: number;
  headers?: Record<string, string | string[]>;
  body?: Buffer | string;
}

export type Handler = (request: SimulatorRequest) => SimulatorReply | Promise<SimulatorReply>;

export function jsonReply(status: number, value: unknown, headers: Record<string, string> = {}): SimulatorReply {
  return { status, headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(value) };
}

export function textReply(status: number, text: string, headers: Record<string, string> = {}): SimulatorReply {
  return { status, headers: { 'content-type': 'text/plain; charset=utf-8', ...headers }, body: text };
}

/** Fields of an application/x-www-form-urlencoded body. */
export function formOf(request: SimulatorRequest): URLSearchParams {
  return new URLSearchParams(request.body.toString('utf8'));
}

/** The JSON body, or undefined when it is none. */
export function jsonOf(request: SimulatorRequest): unknown {
  try {
    return JSON.parse(request.body.toString('utf8')) as unknown;
  } catch {
    return undefined;
  }
}

/** User and password of HTTP Basic (RFC 7617). */
export function basicAuthOf(request: SimulatorRequest): { user: string; password: string } | undefined {
  const [scheme, token] = (request.headers.authorization ?? '').split(' ');
  if (scheme?.toLowerCase() !== 'basic' || token === undefined) return undefined;
  const pair = Buffer.from(token, 'base64').toString('utf8');
  const colon = pair.indexOf(':');
  return colon === -1 ? undefined : { user: pair.slice(0, colon), password: pair.slice(colon + 1) };
}

export function bearerTokenOf(request: SimulatorRequest): string | undefined {
  const [scheme, token] = (request.headers.authorization ?? '').split(' ');
  return scheme?.toLowerCase() === 'bearer' && token !== undefined ? token : undefined;
}
