import twilio from 'twilio';
import type RequestClient from 'twilio/lib/base/RequestClient.js';
import type * as http from 'twilio/lib/http/response.js';
import type { Config } from './config.js';

const TIMEOUT_MS = 10_000;
const API = 'https://api.twilio.com/2010-04-01/Accounts';
/** The hosts that an `api_url` stands for. */
const VENDOR_HOST = /(^|\.)(twilio\.com|twiliocdn\.com)$/;

export interface Credentials {
  readonly user: string;
  readonly password: string;
}

/** API key or auth token, then the secondary token: what is refused with one may be taken with the next while tokens change. */
export function credentialsOf(config: Config): readonly Credentials[] {
  const { account_sid: account, api_key_sid: key, api_key_secret: secret } = config;
  if (key !== undefined && secret !== undefined) return [{ user: key, password: secret }];
  return [config.auth_token, ...(config.secondary_auth_token === undefined ? [] : [config.secondary_auth_token])].map(
    (password) => ({ user: account, password }),
  );
}

/** Leads an address of the vendor through `api_url`, with the vendor's host as the first step of the path. */
export function createRewrite(apiUrl: string | undefined): (address: string) => string {
  if (apiUrl === undefined) return (address) => address;
  const base = apiUrl.replace(/\/+$/, '');
  return (address) => {
    const url = new URL(address);
    return VENDOR_HOST.test(url.hostname) ? `${base}/${url.host}${url.pathname}${url.search}` : address;
  };
}

/** The SDK's own HTTP client, led elsewhere. It tries nothing twice: what is tried again is the host's decision. */
class LedClient extends twilio.RequestClient {
  constructor(private readonly rewrite: (address: string) => string) {
    super({ timeout: TIMEOUT_MS, autoRetry: false });
  }

  override request<TData>(options: RequestClient.RequestOptions<TData>): Promise<http.default<TData>> {
    return super.request({ ...options, uri: this.rewrite(options.uri) });
  }

  close(): void {
    (this.axios.defaults.httpsAgent as { destroy?: () => void } | undefined)?.destroy?.();
  }
}

/** A refusal of the REST API, told as the SDK's RestException tells it. */
class Refusal extends Error {
  constructor(
    readonly status: number,
    readonly code: number | undefined,
  ) {
    super(`Twilio answered ${status}`);
  }
}

export interface NewMessage {
  readonly to: string;
  readonly from: string;
  readonly messagingServiceSid?: string;
  readonly body?: string;
  readonly contentSid?: string;
  readonly contentVariables?: string;
  readonly statusCallback: string;
}

export type Resource = Readonly<Record<string, unknown>>;

/** Twilio's REST API. Throws what the SDK and the network throw; errors.ts knows it. */
export interface TwilioClient {
  send(message: NewMessage, signal: AbortSignal): Promise<{ readonly sid: string }>;
  /** A resource as Twilio writes it. */
  get(uri: string, query: Readonly<Record<string, string>>, signal: AbortSignal): Promise<Resource>;
  /** A list page by page, newest first, until the caller stops asking. */
  list(
    path: string,
    key: string,
    query: Readonly<Record<string, string>>,
    signal: AbortSignal,
  ): AsyncGenerator<Resource>;
  /** Throws when the credentials do not reach the account; resolves with its status. */
  accountStatus(signal: AbortSignal): Promise<string>;
  close(): void;
}

export function createClient(config: Config): TwilioClient {
  const led = new LedClient(createRewrite(config.api_url));
  const clients = credentialsOf(config).map(({ user, password }) =>
    twilio(user, password, { accountSid: config.account_sid, httpClient: led, autoRetry: false }),
  );
  const account = `${API}/${config.account_sid}`;
  let preferred = 0;

  /** A 401 took nothing: the next credentials may have a try, and are kept when they work. */
  async function withCredentials<T>(work: (client: (typeof clients)[number]) => Promise<T>): Promise<T> {
    for (let tried = 0; ; tried += 1) {
      const at = (preferred + tried) % clients.length;
      const client = clients[at];
      if (client === undefined) throw new Error('there are no credentials');
      try {
        const result = await work(client);
        preferred = at;
        return result;
      } catch (error) {
        if ((error as { status?: unknown }).status !== 401 || tried + 1 >= clients.length) throw error;
      }
    }
  }

  const get: TwilioClient['get'] = (uri, query, signal) =>
    withCredentials(async (client) => {
      const reply = await unlessAborted(client.request({ method: 'get', uri, params: { ...query } }), signal);
      const { statusCode, body } = reply as { readonly statusCode: number; readonly body: unknown };
      const resource = typeof body === 'object' && body !== null ? (body as Resource) : {};
      if (statusCode < 200 || statusCode > 299)
        throw new Refusal(statusCode, typeof resource['code'] === 'number' ? resource['code'] : undefined);
      return resource;
    });

  async function* list(
    path: string,
    key: string,
    query: Readonly<Record<string, string>>,
    signal: AbortSignal,
  ): AsyncGenerator<Resource> {
    let page = await get(`${account}${path}`, query, signal);
    for (;;) {
      const entries = page[key];
      for (const entry of Array.isArray(entries) ? (entries as Resource[]) : []) yield entry;
      const next = page['next_page_uri'];
      if (typeof next !== 'string' || next === '') return;
      page = await get(new URL(next, 'https://api.twilio.com').href, {}, signal);
    }
  }

  return {
    send: (message, signal) => withCredentials((client) => unlessAborted(client.messages.create(message), signal)),
    get,
    list,
    accountStatus: async (signal) => {
      const { status } = await get(`${account}.json`, {}, signal);
      return typeof status === 'string' ? status : '';
    },
    close: () => led.close(),
  };
}

/** The SDK knows no signal: the call goes on by itself until its time-out, but nobody waits for it. */
async function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const aborted = (): Error => Object.assign(new Error('the call was given up'), { code: 'ERR_CANCELED' });
  if (signal.aborted) {
    work.catch(() => undefined);
    throw aborted();
  }
  let stop: (() => void) | undefined;
  const stopped = new Promise<never>((_, reject) => {
    stop = () => reject(aborted());
    signal.addEventListener('abort', stop, { once: true });
  });
  try {
    return await Promise.race([work, stopped]);
  } finally {
    if (stop !== undefined) signal.removeEventListener('abort', stop);
  }
}
