import { jsonOf } from '@fanin/simulators/core';
import type { Handler, Router, SimulatorReply, SimulatorRequest } from '@fanin/simulators/core';
import type { Person } from '../world/people.js';
import type { XWorld } from '../world/world.js';
import { AUTH_NAMES } from './caller.js';
import type { Authenticate, AuthKind, Caller } from './caller.js';
import {
  creditsDepleted,
  invalidRequest,
  tooManyRequests,
  unauthorized,
  unsupportedAuthentication,
  usageCapped,
} from './problems.js';
import type { RateLimiter } from './rate-limits.js';

export interface Call {
  request: SimulatorRequest;
  params: Record<string, string>;
  query: URLSearchParams;
  caller: Caller;
  /** The JSON body; {} when there is none. */
  body: Record<string, unknown>;
}

export interface Endpoint {
  method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  path: string;
  auth: readonly AuthKind[];
  /** Answers with posts, thus refused at the monthly cap. */
  readsPosts?: boolean;
  /** Neither metered nor refused for want of credits. */
  free?: boolean;
  answer(call: Call): SimulatorReply | Promise<SimulatorReply>;
}

export const USER_AUTH: readonly AuthKind[] = ['oauth1', 'oauth2'];
export const ANY_AUTH: readonly AuthKind[] = ['oauth1', 'app', 'oauth2'];
export const APP_AUTH: readonly AuthKind[] = ['app'];

/** The user of a call to an endpoint that takes no app-only token. */
export function userOf(call: Call): Person {
  if (call.caller.user === undefined) throw new Error('the endpoint let an app-only token through');
  return call.caller.user;
}

/** Puts endpoints behind what they have in common: who calls, how often, and who pays. */
export class ApiDoor {
  private readonly endpoints = new Map<Handler, string>();

  constructor(
    private readonly world: XWorld,
    private readonly authenticate: Authenticate,
    private readonly limiter: RateLimiter,
  ) {}

  add(router: Router, endpoints: readonly Endpoint[]): void {
    for (const endpoint of endpoints) {
      const handler: Handler = (request) => this.pass(endpoint, request);
      this.endpoints.set(handler, `${endpoint.method} ${endpoint.path}`);
      router.on(endpoint.method, endpoint.path, handler);
    }
  }

  /** `GET /2/dm_events` and so on; undefined for what is no endpoint. */
  nameOf(handler: Handler | undefined): string | undefined {
    return handler && this.endpoints.get(handler);
  }

  private async pass(endpoint: Endpoint, request: SimulatorRequest): Promise<SimulatorReply> {
    const caller = this.authenticate(request);
    if (caller === undefined) return unauthorized();
    if (!endpoint.auth.includes(caller.kind)) {
      return unsupportedAuthentication(
        AUTH_NAMES[caller.kind],
        endpoint.auth.map((kind) => AUTH_NAMES[kind]),
      );
    }
    const rate = this.limiter.take(`${endpoint.method} ${endpoint.path}`, caller);
    if (rate.exceeded) return tooManyRequests(rate.headers);
    const reply = await (this.unpaid(endpoint) ?? this.answer(endpoint, request, caller));
    return { ...reply, headers: { ...reply.headers, ...rate.headers } };
  }

  private unpaid(endpoint: Endpoint): SimulatorReply | undefined {
    if (endpoint.free === true) return undefined;
    if (this.world.usage.outOfCredits()) return creditsDepleted(this.world.app.id);
    return endpoint.readsPosts === true && this.world.usage.capped() ? usageCapped(this.world.app.id) : undefined;
  }

  private answer(
    endpoint: Endpoint,
    request: SimulatorRequest,
    caller: Caller,
  ): SimulatorReply | Promise<SimulatorReply> {
    const body = request.body.length === 0 ? {} : jsonOf(request);
    if (typeof body !== 'object' || body === null || Array.isArray(body)) {
      return invalidRequest('The request body is not a JSON object.');
    }
    const { params, query } = request;
    return endpoint.answer({ request, params, query, caller, body: body as Record<string, unknown> });
  }
}
