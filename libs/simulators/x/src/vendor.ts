import { ControlError, Router } from '@fanin/simulators/core';
import type { SimulatorParts, Vendor, VendorSite } from '@fanin/simulators/core';
import { createAuthenticate } from './api/caller.js';
import { directMessageEndpoints } from './api/direct-messages.js';
import { ApiDoor } from './api/endpoint.js';
import { addMediaRoutes, isMediaPath } from './api/media.js';
import { addOauth2Routes } from './api/oauth2.js';
import { postEndpoints } from './api/posts.js';
import { notFound, problemOf } from './api/problems.js';
import { RateLimiter } from './api/rate-limits.js';
import { userEndpoints } from './api/users.js';
import { webhookEndpoints, wireHook } from './api/webhooks.js';
import { Feed } from './hooks/feed.js';
import { HookRegistry } from './hooks/registry.js';
import type { CrcVerdict, Hook } from './hooks/registry.js';
import { Replays } from './hooks/replay.js';
import { Inbound } from './inbound.js';
import type { XSimulatorOptions } from './options.js';
import { changeSettings } from './settings.js';
import type { UserTokens } from './world/tokens.js';
import { XWorld } from './world/world.js';

export interface CrcReport {
  webhook_id: string;
  verdict: CrcVerdict;
  valid: boolean;
}

/** X, put together; what the handle and the control API ask of it. */
export class XVendor implements Vendor {
  readonly world: XWorld;
  readonly hooks: HookRegistry;
  readonly feed: Feed;
  readonly inbound: Inbound;
  readonly site: VendorSite;
  private readonly limiter: RateLimiter;

  constructor(
    private readonly parts: SimulatorParts,
    private readonly options: XSimulatorOptions,
    private readonly ca: string,
  ) {
    this.world = new XWorld(parts.clock, parts.random, options);
    this.hooks = new HookRegistry(this.world, parts.webhooks, parts.faults);
    this.feed = new Feed(this.world, this.hooks);
    this.inbound = new Inbound(this.world, this.feed);
    this.limiter = new RateLimiter(parts.clock, this.world.settings);
    this.site = this.makeSite();
    if (options.crcEveryMs !== undefined) void this.keepChallenging(options.crcEveryMs, options.crcStaleMs ?? 0);
  }

  listening(url: string): void {
    this.world.ownUrl = url;
  }

  /** The periodic challenge, now: of every webhook that is valid (an invalid one waits for PUT). */
  async crcNow(staleMs = 0): Promise<CrcReport[]> {
    const due = (hook: Hook): boolean => hook.valid && this.parts.clock.now() - hook.validatedAtMs >= staleMs;
    return Promise.all(
      this.hooks
        .list()
        .filter(due)
        .map(async (hook) => {
          const verdict = await this.hooks.challenge(hook);
          return { webhook_id: hook.id, verdict, valid: hook.valid };
        }),
    );
  }

  /** Registers a webhook as a person would in the developer console, and subscribes accounts (default: all). */
  async register(body: { url?: unknown; accounts?: unknown }): Promise<ReturnType<typeof wireHook>> {
    const accounts = Array.isArray(body.accounts)
      ? body.accounts.map((who) => this.world.people.account(who))
      : this.world.people.accounts();
    const hook = await this.hooks.create(String(body.url));
    if (typeof hook === 'string') throw new ControlError(`${hook}: ${String(body.url)}`);
    hook.subscriptions.push(...accounts.map((account) => account.id));
    return wireHook(hook);
  }

  configure(changes: Record<string, unknown>): void {
    changeSettings(this.world.settings, changes);
    // A new sum is a new sum: what was spent before does not count against it.
    if ('credits' in changes || 'posts_cap' in changes) this.world.usage.clear();
  }

  tokens(account?: unknown): UserTokens {
    return this.world.tokens.of(this.world.people.account(account).id);
  }

  /** The user takes the authorisation away, in X's settings. */
  revoke(account?: unknown): void {
    const person = this.world.people.account(account);
    this.world.tokens.withdraw(person.id);
    this.feed.revoked(person);
  }

  /** The user signs in again: the new tokens. */
  authorise(account?: unknown): UserTokens {
    return this.world.tokens.authorise(this.world.people.account(account).id);
  }

  expire(account?: unknown): void {
    this.world.tokens.expire(this.world.people.account(account).id);
  }

  readonly control = {
    about: () => ({
      vendor: 'x',
      address: this.world.ownUrl,
      app: this.world.app,
      accounts: this.accounts(),
      settings: this.world.settings,
      also: ALSO,
    }),
    inbound: (body: Record<string, unknown>) => this.inbound.take(body),
    sent: () => this.world.sent,
    configure: (body: Record<string, unknown>) => this.configure(body),
    reset: () => {
      this.world.clear();
      this.feed.clear();
      this.limiter.clear();
    },
  };

  readonly controlCalls = {
    'POST /_control/crc': async () => ({ data: await this.crcNow() }),
    'GET /_control/webhooks': () => ({ data: this.webhooks() }),
    'POST /_control/webhooks': (body: Record<string, unknown>) => this.register(body),
    'POST /_control/revoke': (body: Record<string, unknown>) => this.revoke(body['account']),
    'POST /_control/expire': (body: Record<string, unknown>) => this.expire(body['account']),
    'POST /_control/authorise': (body: Record<string, unknown>) => wireTokens(this.authorise(body['account'])),
    'GET /_control/ca': () => ({ ca: this.ca }),
  };

  webhooks() {
    return this.hooks.list().map((hook) => ({
      ...wireHook(hook),
      validated_at: new Date(hook.validatedAtMs).toISOString(),
      subscriptions: [...hook.subscriptions],
    }));
  }

  accounts() {
    return this.world.people.accounts().map(({ id, username, name }) => {
      return { id, username, name, ...wireTokens(this.world.tokens.of(id)) };
    });
  }

  private makeSite(): VendorSite {
    const router = new Router();
    const { world } = this;
    const authenticate = createAuthenticate(world);
    const door = new ApiDoor(world, authenticate, this.limiter);
    addOauth2Routes(router, world);
    addMediaRoutes(router, world, authenticate);
    door.add(router, userEndpoints(world));
    door.add(router, postEndpoints(world, this.feed));
    door.add(router, directMessageEndpoints(world, this.feed));
    door.add(router, webhookEndpoints(world, this.hooks, new Replays(world, this.hooks, this.feed)));
    return {
      router,
      placeOf: (request) => (isMediaPath(request.path) ? 'media' : 'api'),
      // For 429, `delayMs` says when the limit is told to end.
      refuse: (status, fault, request) => {
        const endpoint = door.nameOf(router.match(request.method, request.path)?.handler);
        return problemOf(status, world.app.id, this.limiter.usedUp(endpoint, fault.delayMs));
      },
      unknown: () => notFound(),
    };
  }

  private async keepChallenging(everyMs: number, staleMs: number): Promise<void> {
    const { clock, signal } = this.parts;
    for (;;) {
      await clock.sleep(everyMs, signal);
      if (signal.aborted) return;
      await this.crcNow(staleMs);
    }
  }
}

const ALSO = {
  'POST /_control/inbound': '{"kind":"mention|reply|dm|edit|delete|typing|read|like|follow","from":"alice","text":"…"}',
  'POST /_control/crc': 'challenge every valid webhook now',
  'GET|POST /_control/webhooks': 'those registered; register {"url":"https://…","accounts":["AcmeHelp"]}',
  'POST /_control/revoke': '{"account":"AcmeHelp"}: the user takes the authorisation away',
  'POST /_control/authorise': '{"account":"AcmeHelp"}: and gives it again; answers the new tokens',
  'POST /_control/expire': '{"account":"AcmeHelp"}: the access token dies of age',
  'GET /_control/ca': 'the authority to trust',
};

function wireTokens(tokens: UserTokens) {
  return {
    access_token: tokens.accessToken,
    refresh_token: tokens.refreshToken,
    oauth_token: tokens.oauthToken,
    oauth_token_secret: tokens.oauthTokenSecret,
  };
}
