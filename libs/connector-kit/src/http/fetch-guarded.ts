import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { isIP } from 'node:net';
import { codeOf, cutByAny, FaninError, messageOf, type ErrorCode } from '@fanin/kernel';
import { isPublicAddress, publicLookup } from './public-address.js';

export interface GuardedRequest {
  /** Sent at every hop. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Value of `authorization`, shown to the first address's host and to `trustedHosts` only, never to where a redirect leads. */
  readonly authorization?: string;
  readonly trustedHosts?: readonly string[];
  /**
   * Origins (`http://127.0.0.1:4010`) that the configuration names and that may therefore be private or without TLS: a proxy, a simulator.
   */
  readonly trustedOrigins?: readonly string[];
  /** Applied to the address of every hop, e.g. to lead the provider's hosts through a configured base address. */
  readonly rewrite?: (url: URL) => URL;
  readonly maxBytes: number;
  /** All hops together. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

export interface GuardedResponse {
  readonly content: Buffer;
  /** Without parameters, lower case; undefined when the provider sent none. */
  readonly contentType: string | undefined;
}

/** An answer other than 2xx. The code fits most providers; a channel that knows better looks at `status`. */
export class HttpRefusal extends FaninError {
  constructor(
    readonly status: number,
    retryAfterMs: number | undefined,
  ) {
    super(codeOfStatus(status), `the provider answered ${status}`, retryAfterMs === undefined ? {} : { retryAfterMs });
    this.name = 'HttpRefusal';
  }
}

const MAX_HOPS = 5;

/**
 * GETs an address that came in a delivery, or to which one led, without becoming a tool against our own network: https only,
 * public addresses only at every hop, judged after the look-up and bound to the connection; bounded in time and size. Throws
 * FaninError: HttpRefusal for an answer other than 2xx; BAD_PAYLOAD for a forbidden address, too many hops or too many
 * bytes; TRANSIENT for everything between.
 */
export async function fetchGuarded(address: string, request: GuardedRequest): Promise<GuardedResponse> {
  const first = target(address, request);
  try {
    return await cutByAny([request.signal, AbortSignal.timeout(request.timeoutMs)], (cut) =>
      follow(first, request, cut),
    );
  } catch (error) {
    throw faultOf(error);
  }
}

async function follow(first: URL, request: GuardedRequest, signal: AbortSignal): Promise<GuardedResponse> {
  let url = first;
  for (let hop = 0; hop <= MAX_HOPS; hop += 1) {
    const mayKnow = url.host === first.host || (request.trustedHosts ?? []).includes(url.host);
    const response = await get(url, request, mayKnow, signal);
    const status = response.statusCode ?? 0;
    const { location } = response.headers;
    if (status >= 300 && status < 400 && location !== undefined) {
      response.destroy();
      url = target(new URL(location, url).href, request);
      continue;
    }
    if (status < 200 || status > 299) {
      response.destroy();
      throw new HttpRefusal(status, retryAfterMs(response));
    }
    const content = await bodyOf(response, request.maxBytes);
    return { content, contentType: response.headers['content-type']?.split(';')[0]?.trim().toLowerCase() };
  }
  throw new FaninError('BAD_PAYLOAD', `an attachment was redirected more than ${MAX_HOPS} times`);
}

function isTrusted(url: URL, { trustedOrigins = [] }: GuardedRequest): boolean {
  return trustedOrigins.some((origin) => new URL(origin).origin === url.origin);
}

function target(address: string, request: GuardedRequest): URL {
  if (!URL.canParse(address)) throw new FaninError('BAD_PAYLOAD', 'the address of an attachment is no URL');
  const url = request.rewrite?.(new URL(address)) ?? new URL(address);
  if (isTrusted(url, request)) return url;
  if (url.protocol !== 'https:') throw new FaninError('BAD_PAYLOAD', 'the address of an attachment is not https');
  if (url.username !== '' || url.password !== '')
    throw new FaninError('BAD_PAYLOAD', 'the address of an attachment carries credentials');
  const host = url.hostname.replace(/^\[|\]$/g, '');
  if (isIP(host) !== 0 && !isPublicAddress(host))
    throw new FaninError('BAD_PAYLOAD', 'the address of an attachment is not public');
  return url;
}

function get(url: URL, request: GuardedRequest, mayKnow: boolean, signal: AbortSignal): Promise<IncomingMessage> {
  const { authorization } = request;
  const headers = {
    accept: '*/*',
    ...request.headers,
    ...(mayKnow && authorization !== undefined ? { authorization } : {}),
  };
  const guard = isTrusted(url, request) ? {} : { lookup: publicLookup };
  const send = url.protocol === 'http:' ? httpRequest : httpsRequest;
  return new Promise((resolve, reject) => {
    send(url, { headers, signal, agent: false, ...guard })
      .on('response', resolve)
      .on('error', reject)
      .end();
  });
}

async function bodyOf(response: IncomingMessage, maxBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > maxBytes) {
      response.destroy();
      throw new FaninError('BAD_PAYLOAD', `an attachment is larger than ${maxBytes} bytes`);
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function retryAfterMs({ headers }: IncomingMessage): number | undefined {
  const seconds = Number(headers['retry-after']);
  return headers['retry-after'] !== undefined && Number.isFinite(seconds) ? seconds * 1000 : undefined;
}

function codeOfStatus(status: number): ErrorCode {
  if (status === 401) return 'AUTH';
  if (status === 403) return 'PERMISSION';
  if (status === 408 || status === 425) return 'TRANSIENT';
  if (status === 429) return 'RATE_LIMITED';
  return status >= 500 ? 'TRANSIENT' : 'BAD_PAYLOAD';
}

function faultOf(error: unknown): FaninError {
  if (error instanceof FaninError && codeOf(error) !== 'BUG') return error;
  if ((error as { code?: unknown } | null)?.code === 'EFORBIDDEN')
    return new FaninError('BAD_PAYLOAD', 'the address of an attachment is not public', { cause: error });
  return new FaninError('TRANSIENT', `an attachment could not be fetched: ${messageOf(error)}`, { cause: error });
}
