import { ControlError, Router, startSimulator } from '@fanin/simulators/core';
import type {
  ActiveFault,
  SimulatorBase,
  SimulatorParts,
  SimulatorReply,
  SimulatorRequest,
  Vendor,
} from '@fanin/simulators/core';
import { aboutOf, subscriptionState } from './about.js';
import type { SubscriptionState } from './about.js';
import { applyConfig } from './control.js';
import type { MetaConfigBody } from './control.js';
import { GraphError, oauthError, revokedToken, throttled, transientError, unknownPath } from './errors.js';
import { usageHeaders } from './graph/gate.js';
import { answerGraph, errorReply } from './graph/graph.js';
import type { InboundResult, MetaInbound } from './inbound/bodies.js';
import { playInbound } from './inbound/inbound.js';
import { Links } from './links.js';
import type { App, GraphCall, SentMessage, Subscription } from './model.js';
import { demoApp, settingsOf } from './options.js';
import type { MetaObject, MetaSimulatorOptions } from './options.js';
import { Outbox } from './outbox.js';
import { Registry } from './registry.js';
import type { Stage } from './stage.js';
import { OBJECTS, subscribe } from './subscriptions.js';
import type { Wanted } from './subscriptions.js';
import { World } from './world.js';

export interface MetaSimulator extends SimulatorBase {
  /** A customer does something; the webhook is on its way (or held, see `batch`) when this returns. */
  inbound(body: MetaInbound): InboundResult;
  /** One POST with these entries, whatever they are, signed: for what Meta should never send. Answers how many apps got it. */
  raw(body: { object: MetaObject; entry: unknown }): number;
  /** Sends the updates held by `batch`. Answers how many POSTs went out. */
  flush(): number;
  /** Messages, private replies and comments of our side, oldest first. */
  sent(): readonly SentMessage[];
  /** Every Graph call, with Meta's error code where it failed. */
  calls(): readonly GraphCall[];
  subscriptions(): readonly SubscriptionState[];
  /** Rejects with ControlError, or with GraphError 2200 where a webhook does not pass its challenge. */
  configure(body: MetaConfigBody): Promise<void>;
}

interface MetaVendor extends Vendor {
  stage: Stage;
  handle: Omit<MetaSimulator, keyof SimulatorBase>;
}

/** Meta on loopback. Rejects where a webhook of the options does not pass its challenge. */
export async function startMetaSimulator(options: MetaSimulatorOptions = {}): Promise<MetaSimulator> {
  const { base, vendor } = await startSimulator(options, (parts) => buildMeta(options, parts));
  const simulator: MetaSimulator = { ...base, ...vendor.handle };
  try {
    for (const app of options.apps ?? []) {
      if (app.webhooks !== undefined) await simulator.configure({ app: app.id, webhooks: app.webhooks });
    }
  } catch (error) {
    await base.close();
    throw error;
  }
  return simulator;
}

function buildMeta(options: MetaSimulatorOptions, parts: SimulatorParts): MetaVendor {
  const settings = settingsOf(options);
  const registry = new Registry(structuredClone(options.apps ?? [demoApp]));
  const world = new World(parts.random, parts.clock);
  const links = new Links(world, registry, settings);
  const timeoutMs = options.webhookTimeoutMs ?? 20_000;
  const outbox = new Outbox({ registry, settings, webhooks: parts.webhooks, clock: parts.clock, timeoutMs });
  const stage: Stage = { registry, world, links, outbox, settings, clock: parts.clock, webhooks: parts.webhooks };
  const limits = {
    timeoutMs,
    signal: parts.signal,
    ...(options.webhookCa === undefined ? {} : { ca: options.webhookCa }),
  };
  const subscriber = (app: App, wanted: Wanted) => subscribe(app, wanted, `1${world.ids.digits(9)}`, limits);
  const handle = handleOf(stage, subscriber);
  return {
    stage,
    handle,
    site: siteOf(stage, subscriber),
    control: {
      about: () => aboutOf(stage),
      inbound: (body) => handle.inbound(body as unknown as MetaInbound),
      sent: () => handle.sent(),
      configure: async (body) => {
        await asControl(handle.configure(body as MetaConfigBody));
        return { subscriptions: handle.subscriptions() };
      },
      reset: () => {
        world.reset();
        outbox.clear();
        for (const app of registry.apps.values()) app.calls = [];
      },
    },
    controlCalls: {
      'POST /_control/raw': (body) => ({ posts: handle.raw(rawOf(body)) }),
      'POST /_control/flush': () => ({ posts: handle.flush() }),
      'GET /_control/calls': () => ({ data: handle.calls() }),
      'GET /_control/subscriptions': () => ({ data: handle.subscriptions() }),
    },
    listening: (url) => (links.base = url),
  };
}

function handleOf(stage: Stage, subscriber: (app: App, wanted: Wanted) => Promise<Subscription>): MetaVendor['handle'] {
  const { registry, world, outbox } = stage;
  return {
    inbound: (body) => playInbound(stage, body),
    raw: ({ object, entry }) => outbox.raw(object, entry),
    flush: () => outbox.flush(),
    sent: () => [...world.sent],
    calls: () => [...world.calls],
    subscriptions: () =>
      [...registry.apps.values()].flatMap((app) =>
        [...app.subscriptions.values()].map((subscription) => subscriptionState(app, subscription)),
      ),
    configure: (body) => applyConfig(stage, body, subscriber),
  };
}

function siteOf(stage: Stage, subscriber: (app: App, wanted: Wanted) => Promise<unknown>): Vendor['site'] {
  const graph = (request: SimulatorRequest): Promise<SimulatorReply> => answerGraph(stage, request, subscriber);
  const router = new Router()
    .on('GET', '/cdn/v/*', (request) => stage.links.serveCdn(request))
    .on('GET', '/whatsapp_business/attachments/', (request) => stage.links.serveMedia(request));
  return {
    // Only what starts like a version: the control calls come behind these.
    router: router
      .on('GET', '/v:version/*', graph)
      .on('POST', '/v:version/*', graph)
      .on('DELETE', '/v:version/*', graph),
    placeOf: (request) => (/^\/(cdn|whatsapp_business)\//.test(request.path) ? 'media' : 'api'),
    refuse: (status, fault, request) => refuse(stage, status, fault, request),
    unknown: (request) => errorReply(stage, unknownPath(request.path)),
  };
}

/** A fault's status in Meta's words: 429 is the throttle, 401 a dead token, 5xx passes. */
function refuse(stage: Stage, status: number, fault: ActiveFault, request: SimulatorRequest): SimulatorReply {
  if (/^\/(cdn|whatsapp_business)\//.test(request.path)) return { status, body: '' };
  const error = refusal(stage, status, fault, request);
  const at = new Date(stage.clock.now()).toISOString();
  const reply = errorReply(stage, error);
  stage.world.addCall({ at, method: request.method, path: request.path, status: reply.status, code: error.body.code });
  return reply;
}

function refusal(stage: Stage, status: number, fault: ActiveFault, request: SimulatorRequest): GraphError {
  if (fault.kind === 'revoked_token' || status === 401) return revokedToken();
  if (status >= 500) return transientError(status);
  if (status !== 429)
    return oauthError(
      status,
      status === 403 ? 200 : 100,
      status === 403 ? '(#200) Permissions error' : '(#100) Invalid parameter',
    );
  const account = stage.registry.accounts.get(request.path.split('/')[2] ?? '');
  const [app] = account === undefined ? stage.registry.apps.values() : stage.registry.appsOf(account);
  const headers = app === undefined ? {} : usageHeaders(stage, app, account === undefined ? [] : [account], true);
  const error = throttled(stage.settings.rateLimit?.code ?? (account?.kind === 'phone' ? 80007 : 613), headers);
  return new GraphError(429, error.body, error.headers);
}

function rawOf(body: Record<string, unknown>): { object: MetaObject; entry: unknown } {
  const object = OBJECTS.find((known) => known === body['object']);
  if (object === undefined) throw new ControlError(`"object" must be one of ${OBJECTS.join(', ')}`);
  return { object, entry: body['entry'] };
}

async function asControl(work: Promise<void>): Promise<void> {
  try {
    await work;
  } catch (error) {
    throw error instanceof GraphError ? new ControlError(error.message) : error;
  }
}
