import type { ChannelHost } from '@fanin/connector-kit';
import { GraphClient } from '../graph/graph-client.js';
import { createHttpCaller, type HttpCaller } from '../graph/http-call.js';
import { checkApiUrl, trustedOriginsOf } from '../graph/settings.js';
import { Throttle } from '../graph/throttle.js';
import { AppAccounts } from '../webhook/app-accounts.js';
import { appSecretsOf, type MetaAppConfig } from './app-config.js';

/** What the accounts of one channel share in one process: where they meet, and the connections to Meta. */
export interface MetaShared {
  readonly accounts: AppAccounts;
  readonly http: HttpCaller;
}

export function openMetaShared(): Promise<MetaShared> {
  return Promise.resolve({ accounts: new AppAccounts(), http: createHttpCaller() });
}

export function closeMetaShared({ http }: MetaShared): Promise<void> {
  http.close();
  return Promise.resolve();
}

export interface AccountGraph {
  /** Calls as the account. */
  readonly graph: GraphClient;
  /** Calls as the app. */
  readonly app: GraphClient;
  readonly trustedOrigins: readonly string[];
}

/** Throws CONFIG for an api_url that cannot be called. */
export function openGraph(
  account: {
    readonly id: string;
    readonly config: MetaAppConfig;
    readonly accessToken: string;
    readonly apiUrl: string;
  },
  host: ChannelHost,
  shared: MetaShared,
): AccountGraph {
  const { id, config, accessToken } = account;
  const apiUrl = checkApiUrl(config.api_url ?? account.apiUrl);
  const perSecond = config.calls_per_second;
  const limiter = host.rateLimiter(id, 'graph', { perSecond, burst: Math.max(1, Math.ceil(perSecond * 2)) });
  const appSecrets = appSecretsOf(config);
  const throttle = new Throttle(host.clock);
  const common = { apiUrl, version: config.graph_version, appSecrets, http: shared.http, limiter, throttle };
  return {
    graph: new GraphClient({ ...common, accessToken }),
    app: new GraphClient({ ...common, accessToken: (secret) => `${config.app_id}|${secret}` }),
    trustedOrigins: config.api_url === undefined ? [] : trustedOriginsOf(apiUrl),
  };
}
