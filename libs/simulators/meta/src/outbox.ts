import type { SimulatorClock, WebhookDispatcher } from '@fanin/simulators/core';
import type { App, Subscription, Update } from './model.js';
import { DAY_MS, HOUR_MS } from './options.js';
import type { MetaObject, MetaSettings } from './options.js';
import type { Registry } from './registry.js';
import { encodeBody, hubSignature } from './signature.js';

const MINUTE_MS = 60_000;
const RISING = [0, 1, 5, 15, 30, 60, 120, 240, 480].map((minutes) => minutes * MINUTE_MS);
const RISEN_MS = RISING.reduce((sum, wait) => sum + wait, 0);

/** At once, then ever more seldom, until the span is over: 36 hours, for WhatsApp 7 days. The steps are ours (README). */
export function retryWaits(object: MetaObject): number[] {
  const step = object === 'whatsapp_business_account' ? DAY_MS : 12 * HOUR_MS;
  const waits = [...RISING];
  let left = (object === 'whatsapp_business_account' ? 7 * DAY_MS : 36 * HOUR_MS) - RISEN_MS;
  for (; left > step; left -= step) waits.push(step);
  return [...waits, left];
}

export interface OutboxParts {
  registry: Registry;
  settings: MetaSettings;
  webhooks: WebhookDispatcher;
  clock: SimulatorClock;
  timeoutMs: number;
}

/** Collects updates into POSTs and hands them to the dispatcher. */
export class Outbox {
  readonly #pending = new Map<string, { app: App; object: MetaObject; updates: Update[] }>();

  constructor(private readonly parts: OutboxParts) {}

  post(update: Update): void {
    const accounts = [...this.parts.registry.accounts.values()].filter(
      (account) => account.entryId === update.entryId && account.object === update.object,
    );
    const appIds = new Set(accounts.flatMap((account) => [...account.appIds]));
    for (const appId of appIds) this.#hold(this.parts.registry.app(appId), update);
  }

  /** Sends what is held now, in POSTs of at most `batch` updates. Answers how many POSTs that were. */
  flush(): number {
    const held = [...this.#pending.values()];
    this.#pending.clear();
    let posts = 0;
    for (const { app, object, updates } of held) {
      for (let from = 0; from < updates.length; from += this.parts.settings.batch) {
        this.#send(app, object, updates.slice(from, from + this.parts.settings.batch));
        posts += 1;
      }
    }
    return posts;
  }

  held(): number {
    return [...this.#pending.values()].reduce((sum, { updates }) => sum + updates.length, 0);
  }

  clear(): void {
    this.#pending.clear();
  }

  /** One POST of what a test made up, around all rules. Answers how many apps it went to. */
  raw(object: MetaObject, entry: unknown): number {
    const apps = [...this.parts.registry.apps.values()].filter((app) => app.subscriptions.get(object)?.active === true);
    for (const app of apps) this.#dispatch(app, object, encodeBody({ object, entry }), 'raw');
    return apps.length;
  }

  #hold(app: App, update: Update): void {
    const subscription = app.subscriptions.get(update.object);
    if (subscription === undefined || subscription.fields?.includes(update.field) === false) return;
    if (!subscription.active) {
      subscription.missed += 1;
      return;
    }
    if (this.parts.settings.batch === 1) return this.#send(app, update.object, [update]);
    const key = `${app.options.id} ${update.object}`;
    const pending = this.#pending.get(key) ?? { app, object: update.object, updates: [] };
    pending.updates.push(update);
    this.#pending.set(key, pending);
    if (pending.updates.length < this.parts.settings.batch) return;
    this.#pending.delete(key);
    this.#send(app, update.object, pending.updates);
  }

  #send(app: App, object: MetaObject, updates: readonly Update[]): void {
    const body = encodeBody({ object, entry: entriesOf(object, updates, this.parts.clock.now()) });
    const fields = [...new Set(updates.map((update) => update.field))].join(',');
    this.#dispatch(app, object, body, fields);
  }

  #dispatch(app: App, object: MetaObject, body: Buffer, fields: string): void {
    const at = app.subscriptions.get(object);
    if (at === undefined) return;
    const waitsMs = retryWaits(object);
    const job = {
      kind: `${object} ${fields}`,
      call: () => callOf(app, app.subscriptions.get(object) ?? at, body),
      waitsMs,
      retry: () => app.subscriptions.has(object),
      connectTimeoutMs: this.parts.timeoutMs,
      timeoutMs: this.parts.timeoutMs,
    };
    void this.parts.webhooks.send(job).then((result) => {
      if (result.accepted || result.attempts <= waitsMs.length || this.parts.webhooks.signal.aborted) return;
      at.active = false;
      at.disabledAt = new Date(this.parts.clock.now()).toISOString();
    });
  }
}

function callOf(app: App, subscription: Subscription, body: Buffer) {
  return {
    url: subscription.callbackUrl,
    method: 'POST' as const,
    headers: {
      'content-type': 'application/json',
      'user-agent': 'facebookexternalua',
      'x-hub-signature-256': hubSignature(app.options.secret, body),
    },
    body,
  };
}

/** `messaging` has one object per entry; changes of one account stand together. Times: README, "Shapes". */
export function entriesOf(object: MetaObject, updates: readonly Update[], now: number): Record<string, unknown>[] {
  const entries: Record<string, unknown>[] = [];
  for (const { entryId, list, item } of updates) {
    const last = entries.at(-1);
    if (
      list === 'changes' &&
      object !== 'whatsapp_business_account' &&
      last?.['id'] === entryId &&
      Array.isArray(last['changes'])
    ) {
      last['changes'].push(item);
      continue;
    }
    const time = list === 'changes' ? Math.floor(now / 1000) : now;
    entries.push({ id: entryId, ...(object === 'whatsapp_business_account' ? {} : { time }), [list]: [item] });
  }
  return entries;
}
