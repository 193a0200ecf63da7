import {
  defineChannel,
  type ChannelAccount,
  type ChannelHost,
  type ChannelInstance,
  type HookAddress,
} from '@fanin/connector-kit';
import { FaninError } from '@fanin/kernel';
import { AppDirectory } from './app-directory.js';
import { createCapture } from './capture.js';
import { createXClient, type XClient } from './client.js';
import { detourOf, type Detour } from './client-agent.js';
import { refreshTokens } from './client-oauth.js';
import { Config } from './config.js';
import { createDeliver } from './deliver.js';
import { DoorNews } from './door-news.js';
import { manifest } from './manifest.js';
import { createMediaSource } from './media.js';
import { createNormalise } from './normalise.js';
import { createMentionsJob, createMessagesJob } from './polling.js';
import { createReconcile, type Job } from './reconcile.js';
import { createUserTokens, type UserTokens } from './tokens.js';
import { checkAccount, createUpkeep } from './upkeep.js';

/** Name of the sealed state that holds the tokens of an account. */
const TOKENS = 'oauth2';
const HOUR_MS = 60 * 60_000;

function create(account: ChannelAccount<Config>, host: ChannelHost, directory: AppDirectory): ChannelInstance {
  const { id, config } = account;
  checkConfig(config);
  const resident = { accountId: id, clientId: config.client_id, userId: config.user_id };
  directory.enter(resident);
  const { clock } = host;
  const detour = detourOf(config.api_address, config.api_ca_file);
  const tokens = tokensOf(account, host, detour);
  const usageCapPauseMs = config.usage_cap_pause_minutes * 60_000;
  const client = createXClient({ clock, detour, tokens, bearerToken: config.bearer_token, usageCapPauseMs });
  const news = new DoorNews();
  const hookUrl = (): string => `${host.http.publicUrl}/hooks/${encodeURIComponent(id)}`;
  return {
    capture: createCapture({
      resident,
      directory,
      secrets: secretsOf(config),
      receiveBy: config.receive_by,
      news,
      clock,
    }),
    normalise: createNormalise(ownOf(config)),
    deliver: createDeliver({ client, clock, userId: config.user_id, postLimit: config.post_limit }),
    connection: { check: (signal) => checkAccount(client, config.user_id, signal) },
    reconcile: createReconcile({
      jobs: jobsOf(config, { client, host, news, hookUrl }),
      clock,
      onWake: (wake) => news.onWake(wake),
    }),
    media: createMediaSource({ detour, tokens }),
    hooks: hooksOf(config),
    close: () => {
      directory.leave(id);
      return Promise.resolve();
    },
  };
}

function ownOf(config: Config): Parameters<typeof createNormalise>[0] {
  return { userId: config.user_id, username: config.username, appId: config.app_id, appName: config.app_name };
}

function checkConfig(config: Config): void {
  if (config.refresh_token === undefined && config.access_token === undefined)
    throw new FaninError('CONFIG', 'refresh_token: give the one that X handed out when the account authorised the app');
  if (config.receive_by !== 'polling' && config.bearer_token === undefined)
    throw new FaninError('CONFIG', "bearer_token: needed to look after the webhook; or set receive_by: 'polling'");
  if (config.api_ca_file !== undefined && config.api_address === undefined)
    throw new FaninError('CONFIG', 'api_ca_file: means something only together with api_address');
}

function secretsOf(config: Config): Parameters<typeof createCapture>[0]['secrets'] {
  return {
    clientSecret: config.client_secret,
    previousClientSecret: config.previous_client_secret,
    consumerSecret: config.consumer_secret,
  };
}

function tokensOf({ id, config }: ChannelAccount<Config>, host: ChannelHost, detour: Detour | undefined): UserTokens {
  const app = { clientId: config.client_id, clientSecret: config.client_secret, detour };
  return createUserTokens({
    sealed: host.sealed(id, TOKENS),
    clock: host.clock,
    configured: { accessToken: config.access_token, refreshToken: config.refresh_token },
    refresh: (refreshToken, signal) => refreshTokens(app, refreshToken, signal),
  });
}

interface JobParts {
  readonly client: XClient;
  readonly host: ChannelHost;
  readonly news: DoorNews;
  readonly hookUrl: () => string;
}

function jobsOf(config: Config, { client, host, news, hookUrl }: JobParts): readonly Job[] {
  const { clock } = host;
  const { user_id: userId, webhook_id: webhookId } = config;
  const pollMs = config.poll_interval_seconds * 1000;
  const upkeepMs = config.upkeep_interval_seconds * 1000;
  const polling = { client, clock, userId, backfillMs: config.backfill_days * 24 * HOUR_MS };
  const check = async (signal: AbortSignal): Promise<void> => checkAccount(client, userId, signal);
  const account: Job = {
    name: 'account',
    intervalMs: HOUR_MS,
    run: async (cursor, signal) => {
      await check(signal);
      return { deliveries: [], cursor, again: false };
    },
  };
  const upkeep: Job = {
    name: 'webhook',
    intervalMs: upkeepMs,
    run: createUpkeep({ client, clock, news, intervalMs: upkeepMs, webhook: { userId, hookUrl, webhookId } }),
  };
  const mentions: Job = { name: 'mentions', intervalMs: pollMs, run: createMentionsJob(polling) };
  const messages: Job = { name: 'direct messages', intervalMs: pollMs, run: createMessagesJob(polling) };
  return [
    account,
    ...(config.receive_by === 'polling' ? [] : [upkeep]),
    ...(config.receive_by === 'webhook' ? [] : [mentions, ...(config.direct_messages ? [messages] : [])]),
  ];
}

function hooksOf(config: Config): readonly HookAddress[] {
  if (config.receive_by === 'polling') return [];
  const what = config.webhook_id === undefined ? 'registers it by itself' : `uses webhook ${config.webhook_id}`;
  const enter = `Nothing by hand: Fanin ${what} (POST /2/webhooks). X wants https and no port in the address.`;
  return [{ path: '/', enter }];
}

export const channel = defineChannel<Config, AppDirectory>({
  manifest,
  Config,
  open: () => Promise.resolve(new AppDirectory()),
  create,
});
