import { defineChannel, type ChannelAccount, type ChannelHost, type ChannelInstance } from '@fanin/connector-kit';
import { appSecretsOf, closeMetaShared, objectAt, openMetaShared, type AppAccount, type MetaShared } from '@fanin/meta';
import { createCapture } from './capture.js';
import { createCheck } from './check.js';
import { openClient } from './client.js';
import { WhatsappConfig } from './config.js';
import { createDeliver } from './deliver.js';
import { manifest } from './manifest.js';
import { createMedia } from './media.js';
import { createNormalise, numberOf } from './normalise.js';

/** Meta's own limit for a document. */
const MAX_MEDIA_BYTES = 100 * 1024 * 1024;

function create(account: ChannelAccount<WhatsappConfig>, host: ChannelHost, shared: MetaShared): ChannelInstance {
  const { config } = account;
  const own: AppAccount = {
    accountId: account.id,
    appId: config.app_id,
    secrets: appSecretsOf(config),
    owns: (change) => numberOf(objectAt(change, 'value')) === config.phone_number_id,
    owned: `phone_number_id ${config.phone_number_id}`,
  };
  const client = openClient(account, host, shared);
  const { graph, trustedOrigins } = client;
  shared.accounts.add(own);
  const { access_token: accessToken, phone_number_id: phoneNumberId } = config;
  return {
    capture: createCapture(config, own, shared.accounts),
    normalise: createNormalise(config),
    deliver: createDeliver(graph, phoneNumberId, host.clock),
    connection: createCheck(config, client, host),
    media: createMedia({ graph, trustedOrigins, maxBytes: MAX_MEDIA_BYTES, accessToken, phoneNumberId }),
    hooks: [
      {
        path: '/',
        enter:
          'App dashboard → WhatsApp → Configuration → Webhook: callback URL, with verify_token as the token; field messages (and smb_message_echoes where the number is also used with the WhatsApp Business app). One address serves all numbers of the app.',
      },
    ],
    close: async () => shared.accounts.remove(own),
  };
}

export const channel = defineChannel<WhatsappConfig, MetaShared>({
  manifest,
  Config: WhatsappConfig,
  open: openMetaShared,
  closeShared: closeMetaShared,
  create,
});
