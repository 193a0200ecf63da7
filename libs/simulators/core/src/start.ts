import { randomInt } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import { systemClock } from './clock.js';
import type { SimulatorClock } from './clock.js';
import { addControlRoutes } from './control.js';
import type { ControlHooks } from './control.js';
import type { Delivery } from './deliveries.js';
import { createFaultBook } from './faults.js';
import type { FaultBook } from './faults.js';
import type { SimulatorReply, SimulatorRequest } from './http.js';
import { createRandom } from './random.js';
import type { SeededRandom } from './random.js';
import { serve } from './serve.js';
import type { VendorSite } from './serve.js';
import type { Simulator, SimulatorOptions } from './simulator.js';
import { createDispatcher } from './webhooks.js';
import type { WebhookDispatcher } from './webhooks.js';

/** What a vendor's module builds itself from. */
export interface SimulatorParts {
  clock: SimulatorClock;
  /** For what happens (ids of messages…): the same in every run only when a seed was given. */
  random: SeededRandom;
  /** For who takes part (account ids, secrets): the same in every run, so that a configuration outlives a restart. */
  identity: SeededRandom;
  faults: FaultBook;
  webhooks: WebhookDispatcher;
  /** Aborted when the simulator closes. */
  signal: AbortSignal;
}

/** A vendor: how it answers, and what its control calls do. */
export interface Vendor {
  site: VendorSite;
  control: ControlHooks;
  /** Further control calls, as `POST /_control/call`: thrown ControlErrors become 400, what is returned becomes JSON. */
  controlCalls?: Record<string, (body: Record<string, unknown>, request: SimulatorRequest) => unknown>;
  /** Told the address once the server listens: what paging and media links are made of. */
  listening?(url: string): void;
}

/** The half of a vendor's handle that is the same for all. */
export interface SimulatorBase extends Simulator {
  /** Every attempt of every webhook, oldest first. */
  deliveries(): readonly Delivery[];
  /** Resolves when every webhook, its retries and whatever plays over time have settled; held ones are let go. */
  idle(): Promise<void>;
  /** Forgets everything but the configuration. */
  reset(): void;
}

export async function startSimulator<T extends Vendor>(
  options: SimulatorOptions,
  build: (parts: SimulatorParts) => T,
): Promise<{ base: SimulatorBase; vendor: T }> {
  const stop = new AbortController();
  // Every wait under way listens on it: as many as there are deliveries.
  setMaxListeners(0, stop.signal);
  const clock = options.clock ?? systemClock;
  const faults = createFaultBook();
  const webhooks = createDispatcher({
    clock,
    faults,
    signal: stop.signal,
    retryScale: options.retryScale ?? 1,
    ...(options.webhookCa === undefined ? {} : { ca: options.webhookCa }),
  });
  const vendor = build({
    clock,
    random: createRandom(options.seed ?? randomInt(2 ** 32)),
    identity: createRandom((options.seed ?? 0) + 1),
    faults,
    webhooks,
    signal: stop.signal,
  });
  const { reset, own } = addControlRoutes(vendor.site.router, vendor.control, faults, webhooks);
  for (const [call, answer] of Object.entries(vendor.controlCalls ?? {})) {
    const [method = '', path = ''] = call.split(' ');
    vendor.site.router.on(method, path, own(answer) as (request: SimulatorRequest) => Promise<SimulatorReply>);
  }
  const served = await serve(options, { site: vendor.site, faults, clock, signal: stop.signal });
  vendor.listening?.(served.url);
  const close = async (): Promise<void> => {
    stop.abort();
    webhooks.activity.releaseParked();
    await served.close();
    await webhooks.activity.idle();
  };
  const base: SimulatorBase = {
    url: served.url,
    port: served.port,
    faults,
    deliveries: () => webhooks.log.list(),
    idle: () => webhooks.activity.idle(),
    reset,
    close,
  };
  return { base, vendor };
}
