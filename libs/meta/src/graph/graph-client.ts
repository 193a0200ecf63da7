import { createHmac } from 'node:crypto';
import type { RateLimiter } from '@fanin/connector-kit';
import { cutByAny } from '@fanin/kernel';
import { isObject, type Json } from '../wire/json.js';
import { graphFault } from './errors.js';
import { GraphError, graphErrorOf, GraphSilence } from './graph-error.js';
import type { HttpAnswer, HttpCaller } from './http-call.js';
import type { Throttle } from './throttle.js';

export interface GraphOptions {
  /** e.g. https://graph.facebook.com */
  readonly apiUrl: string;
  /** e.g. v25.0 */
  readonly version: string;
  /** A token, or how the app's own is made of its secret. */
  readonly accessToken: string | ((appSecret: string) => string);
  /** Newest first. Proofs are made with the first that Meta takes. */
  readonly appSecrets: readonly string[];
  readonly http: HttpCaller;
  readonly limiter: RateLimiter;
  /** Shared by the clients that share the limiter. */
  readonly throttle: Throttle;
  readonly timeoutMs?: number;
}

type Params = Readonly<Record<string, string>>;

interface Call {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly params: Params;
  readonly body: string | undefined;
  readonly signal: AbortSignal;
}

const TIMEOUT_MS = 10_000;

/** The proof that the caller holds the app's secret (graph-api/guides/secure-requests). */
export function appSecretProof(secret: string, accessToken: string): string {
  return createHmac('sha256', secret).update(accessToken).digest('hex');
}

/**
 * Calls of the Graph API as one account. Throws GraphError for what Meta refused and GraphSilence when no answer came. The
 * token travels in a header, never in an address.
 */
export class GraphClient {
  /** Which secret the proofs are made with: Meta takes only one while a secret is being changed, and we are not told which. */
  private secretAt = 0;

  constructor(private readonly options: GraphOptions) {}

  /** Throws RATE_LIMITED when a call would wait for long because Meta wants none now. */
  refuseWhileThrottled(): void {
    this.options.throttle.refuse();
  }

  get(path: string, params: Params, signal: AbortSignal): Promise<Json> {
    return this.proven({ method: 'GET', path, params, body: undefined, signal });
  }

  post(path: string, body: Json, signal: AbortSignal): Promise<Json> {
    return this.proven({ method: 'POST', path, params: {}, body: JSON.stringify(body), signal });
  }

  /** A refused proof means that nothing was done: the call is made again with the other secret. */
  private async proven(call: Call): Promise<Json> {
    const { appSecrets, accessToken } = this.options;
    for (let tried = 1; ; tried++) {
      const secret = appSecrets[this.secretAt] ?? '';
      try {
        return await this.call(call, secret, typeof accessToken === 'string' ? accessToken : accessToken(secret));
      } catch (error) {
        const isSecretsFault =
          error instanceof GraphError &&
          (error.isWrongProof || (typeof accessToken !== 'string' && error.code === 190));
        if (!isSecretsFault || tried >= appSecrets.length) throw error;
        this.secretAt = (this.secretAt + 1) % appSecrets.length;
      }
    }
  }

  private async call({ method, path, params, body, signal }: Call, secret: string, token: string): Promise<Json> {
    const { apiUrl, version, http, limiter, timeoutMs = TIMEOUT_MS } = this.options;
    await limiter.take(signal);
    const url = new URL(`${apiUrl.replace(/\/$/, '')}/${version}/${path}`);
    for (const [name, value] of Object.entries(params)) url.searchParams.set(name, value);
    url.searchParams.set('appsecret_proof', appSecretProof(secret, token));
    const headers = {
      accept: 'application/json',
      authorization: `Bearer ${token}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    };
    const answer = await cutByAny([signal, AbortSignal.timeout(timeoutMs)], (cut) =>
      http.call({ method, url, headers, ...(body === undefined ? {} : { body }), signal: cut }),
    );
    return this.read(answer);
  }

  private read(answer: HttpAnswer): Json {
    const value = parsed(answer.body);
    const refused = graphErrorOf(answer.status, value, answer.headers);
    if (refused !== undefined) {
      const fault = graphFault(refused);
      const { code, retryAfterMs } = fault;
      if (code === 'RATE_LIMITED' && retryAfterMs !== undefined) {
        this.options.limiter.pause(retryAfterMs);
        this.options.throttle.begin(fault, retryAfterMs);
      }
      throw refused;
    }
    if (answer.status < 200 || answer.status > 299 || !isObject(value))
      throw new GraphSilence(`it answered ${answer.status} without a body of its own`, true);
    return value;
  }
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}
