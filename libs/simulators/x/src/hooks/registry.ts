import type { CallOutcome, FaultBook, OutgoingCall, WebhookDispatcher, WebhookResult } from '@fanin/simulators/core';
import type { XWorld } from '../world/world.js';
import { responseToken, signatureHeaders } from './signature.js';

export interface Hook {
  id: string;
  url: string;
  createdAtMs: number;
  valid: boolean;
  /** Of the last challenge that was passed. */
  validatedAtMs: number;
  /** Ids of the subscribed accounts, oldest first. */
  subscriptions: string[];
  /** The replay that is under way. */
  job?: string;
}

export type CrcVerdict = 'passed' | 'wrong' | 'transient';

/** "A webhook is invalid when it has not validated for more than 28 hours" of transient errors. */
const GRACE_MS = 28 * 3_600_000;
const CONNECT_TIMEOUT_MS = 10_000;
const TLS_FAILURE = /SSL|TLS|CERT|SELF_SIGNED|UNABLE_TO|EPROTO/;

export class HookRegistry {
  private hooks: Hook[] = [];

  constructor(
    private readonly world: XWorld,
    private readonly webhooks: WebhookDispatcher,
    private readonly faults: FaultBook,
  ) {}

  list(): readonly Hook[] {
    return this.hooks;
  }

  find(id: string): Hook | undefined {
    return this.hooks.find((hook) => hook.id === id);
  }

  /** The hook, or the name of the failure that the documents give. */
  async create(url: string): Promise<Hook | string> {
    const wrong = this.refusal(url);
    if (wrong !== undefined) return wrong;
    const now = this.world.clock.now();
    const hook: Hook = {
      id: this.world.ids.at(now),
      url,
      createdAtMs: now,
      valid: true,
      validatedAtMs: now,
      subscriptions: [],
    };
    if ((await this.challenge(hook)) !== 'passed') return 'CrcValidationFailed';
    if (this.hooks.some((other) => other.url === url)) return 'DuplicateUrlFailed';
    this.hooks.push(hook);
    return hook;
  }

  remove(hook: Hook): void {
    this.hooks = this.hooks.filter((other) => other !== hook);
  }

  /** One challenge (CRC), with its consequences for the hook. */
  async challenge(hook: Hook): Promise<CrcVerdict> {
    const verdict = await this.ask(hook);
    const now = this.world.clock.now();
    if (verdict === 'passed') {
      hook.valid = true;
      hook.validatedAtMs = now;
    } else if (verdict === 'wrong' || now - hook.validatedAtMs > GRACE_MS) {
      hook.valid = false;
    }
    return verdict;
  }

  /** Hands an event over, signed. */
  send(hook: Hook, kind: string, body: string, order?: string): Promise<WebhookResult> {
    const { settings, app } = this.world;
    const bytes = Buffer.from(body, 'utf8');
    return this.webhooks.send({
      kind,
      call: () => {
        const headers = { 'content-type': 'application/json', ...signatureHeaders(app, settings.signatures, bytes) };
        return this.dialled(hook.url, 'POST', headers, bytes);
      },
      waitsMs: settings.webhook_retry_waits_ms,
      retry: () => true,
      connectTimeoutMs: CONNECT_TIMEOUT_MS,
      timeoutMs: settings.webhook_timeout_ms,
      ...(order === undefined ? {} : { order }),
    });
  }

  private async ask(hook: Hook): Promise<CrcVerdict> {
    const { settings, app } = this.world;
    const token = this.token();
    const url = new URL(hook.url);
    url.searchParams.set('crc_token', token);
    const path = url.pathname + url.search;
    const { outcome } = await this.webhooks.send({
      kind: 'crc',
      call: () => this.dialled(url.href, 'GET', { accept: 'application/json' }, Buffer.alloc(0)),
      waitsMs: [],
      retry: () => false,
      connectTimeoutMs: CONNECT_TIMEOUT_MS,
      timeoutMs: settings.webhook_timeout_ms,
    });
    const spoilt = this.faults.take('webhook', path, 'crc_fail') ?? this.faults.take('api', path, 'crc_fail');
    if (spoilt !== undefined) return 'wrong';
    return verdictOf(outcome, responseToken(app, settings.signatures, token));
  }

  private refusal(url: string): string | undefined {
    if (this.hooks.some((hook) => hook.url === url)) return 'DuplicateUrlFailed';
    if (this.hooks.length >= this.world.settings.webhook_limit) return 'WebhookLimitExceeded';
    const parsed = URL.canParse(url) ? new URL(url) : undefined;
    if (parsed === undefined) return 'UrlValidationFailed';
    if (this.world.settings.any_hook_url) return undefined;
    return parsed.protocol === 'https:' && !/^https:\/\/[^/]*:\d/.test(url) ? undefined : 'UrlValidationFailed';
  }

  /** `hook_hosts` stands for the way through the internet and the receiver's proxy. */
  private dialled(url: string, method: 'GET' | 'POST', headers: Record<string, string>, body: Buffer): OutgoingCall {
    const { origin, host, pathname, search } = new URL(url);
    const behind = this.world.settings.hook_hosts[origin];
    if (behind === undefined) return { url, method, headers, body };
    return { url: new URL(pathname + search, behind).href, method, headers: { ...headers, host }, body };
  }

  /** X's tokens are base64 of a UUID. */
  private token(): string {
    const hex = this.world.random.hex(32);
    const uuid = [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
    return Buffer.from(uuid).toString('base64');
  }
}

/** "2XX with a wrong token, 3XX, SSL exception": invalid at once. 4XX, 5XX, timeouts, closed channels: transient. */
export function verdictOf(outcome: CallOutcome | undefined, expected: string): CrcVerdict {
  if (outcome?.status === undefined) {
    return outcome?.failure === 'connect' && TLS_FAILURE.test(outcome.error ?? '') ? 'wrong' : 'transient';
  }
  if (outcome.status >= 400) return 'transient';
  if (outcome.status >= 300) return 'wrong';
  return answeredToken(outcome.body) === expected ? 'passed' : 'wrong';
}

function answeredToken(body: Buffer): unknown {
  try {
    return (JSON.parse(body.toString('utf8')) as { response_token?: unknown } | null)?.response_token;
  } catch {
    return undefined;
  }
}
