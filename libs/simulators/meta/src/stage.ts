import type { SimulatorClock, WebhookDispatcher } from '@fanin/simulators/core';
import type { Links } from './links.js';
import type { MetaSettings } from './options.js';
import type { Outbox } from './outbox.js';
import type { Registry } from './registry.js';
import type { World } from './world.js';

/** What every part of the simulator works on. */
export interface Stage {
  registry: Registry;
  world: World;
  links: Links;
  outbox: Outbox;
  settings: MetaSettings;
  clock: SimulatorClock;
  webhooks: WebhookDispatcher;
}
