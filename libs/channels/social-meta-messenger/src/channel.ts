import { defineChannel, type ChannelAccount, type ChannelHost, type ChannelInstance } from '@fanin/connector-kit';
import {
  appSecretsOf,
  closeMetaShared,
  createLinkMedia,
  openMetaShared,
  optionalIdAt,
  type AppAccount,
  type MetaShared,
} from '@fanin/meta';
import { createCapture } from './capture.js';
import { createCheck } from './check.js';
import { openClient } from './client.js';
import { MessengerConfig } from './config.js';
import { createDeliver } from './deliver.js';
import { manifest } from './manifest.js';
import { createNormalise } from './normalise.js';

/** Meta's own limit for a file in Messenger. */
const MAX_MEDIA_BYTES = 25 * 1024 * 1024;
const FIELDS =
  'messages, messaging_postbacks, message_echoes, message_edits, message_reactions, message_deliveries, message_reads, standby, feed';

function create(account: ChannelAccount<MessengerConfig>, host: ChannelHost, shared: MetaShared): ChannelInstance {
  const { config } = account;
  const own: AppAccount = {
    accountId: account.id,
    appId: config.app_id,
    secrets: appSecretsOf(config),
    owns: (entry) => optionalIdAt(entry, 'id') === config.page_id,
    owned: `page_id ${config.page_id}`,
  };
  const client = openClient(account, host, shared);
  const { graph, trustedOrigins } = client;
  shared.accounts.add(own);
  const sender = { graph, platform: 'messenger', node: config.page_id, self: config.page_id } as const;
  return {
    capture: createCapture(config, own, shared.accounts),
    normalise: createNormalise(config),
    deliver: createDeliver(sender, host.clock),
    connection: createCheck(config, client, host),
    media: createLinkMedia({ graph, trustedOrigins, maxBytes: MAX_MEDIA_BYTES }),
    hooks: [
      {
        path: '/',
        enter: `App dashboard → Messenger → Settings → Webhooks: callback URL, with verify_token as the token; object Page, fields ${FIELDS}. One address serves all Pages of the app.`,
      },
    ],
    close: async () => shared.accounts.remove(own),
  };
}

export const channel = defineChannel<MessengerConfig, MetaShared>({
  manifest,
  Config: MessengerConfig,
  open: openMetaShared,
  closeShared: closeMetaShared,
  create,
});
