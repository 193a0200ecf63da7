import { defineChannel, type ChannelAccount, type ChannelHost, type ChannelInstance } from '@fanin/connector-kit';
import { FaninError } from '@fanin/kernel';
import { createCapture } from './capture.js';
import { createBotApi } from './client.js';
import { TelegramConfig } from './config.js';
import { createDeliver } from './deliver.js';
import { translate } from './errors.js';
import { manifest } from './manifest.js';
import { createMedia } from './media.js';
import { normalise } from './normalise.js';
import { createPolling } from './polling.js';
import { createUpkeep } from './upkeep.js';

/** https://core.telegram.org/bots/faq#broadcasting-to-users: about 30 messages a second over all chats. */
const SEND_LIMIT = { perSecond: 25, burst: 25 };

function create({ id, config }: ChannelAccount<TelegramConfig>, host: ChannelHost): ChannelInstance {
  if (config.receive_by === 'webhook' && config.webhook_secret === undefined)
    throw new FaninError(
      'CONFIG',
      'webhook_secret is missing: receive_by webhook needs it (or set receive_by: polling)',
    );
  const api = createBotApi(config);
  const address = `${host.http.publicUrl}/hooks/${encodeURIComponent(id)}`;
  const { clock, metrics } = host;
  return {
    capture: createCapture(config),
    normalise,
    deliver: createDeliver(api, host.rateLimiter(id, 'send', SEND_LIMIT)),
    media: createMedia(api),
    reconcile:
      config.receive_by === 'polling'
        ? createPolling(api, config)
        : createUpkeep(api, config, { accountId: id, address, clock, metrics }),
    connection: {
      check: async (signal) => {
        await api.call('getMe', {}, { signal }).catch((error: unknown) => {
          throw translate(error);
        });
      },
    },
    hooks: [
      { path: '/', enter: 'Nothing to enter: with receive_by webhook this address is set at Telegram by itself.' },
    ],
    close: async () => undefined,
  };
}

export const channel = defineChannel<TelegramConfig>({ manifest, Config: TelegramConfig, create });
