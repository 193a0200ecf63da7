import { defineChannel, type ChannelAccount, type ChannelHost, type ChannelInstance } from '@fanin/connector-kit';
import { FaninError } from '@fanin/kernel';
import {
  appSecretsOf,
  closeMetaShared,
  openMetaShared,
  optionalIdAt,
  type AppAccount,
  type MetaShared,
} from '@fanin/meta';
import { createCapture } from './capture.js';
import { createCheck } from './check.js';
import { openClient } from './client.js';
import { InstagramConfig } from './config.js';
import { createDeliver } from './deliver.js';
import { manifest } from './manifest.js';
import { createMedia } from './media.js';
import { createNormalise } from './normalise.js';

/** Meta's own limit for a file in a direct message. */
const MAX_MEDIA_BYTES = 25 * 1024 * 1024;
const FIELDS =
  'messages, messaging_postbacks, message_reactions, messaging_seen, standby, comments, live_comments, mentions';

function create(account: ChannelAccount<InstagramConfig>, host: ChannelHost, shared: MetaShared): ChannelInstance {
  const { config } = account;
  if (config.login === 'facebook' && config.page_id === undefined)
    throw new FaninError('CONFIG', "page_id is missing: with login 'facebook' messages are sent through the Page.");
  const own: AppAccount = {
    accountId: account.id,
    appId: config.app_id,
    secrets: appSecretsOf(config),
    owns: (entry) => optionalIdAt(entry, 'id') === config.instagram_id,
    owned: `instagram_id ${config.instagram_id}`,
  };
  const client = openClient(account, host, shared);
  const { graph, trustedOrigins } = client;
  shared.accounts.add(own);
  const self = config.instagram_id;
  const node = config.login === 'facebook' ? (config.page_id ?? self) : self;
  return {
    capture: createCapture(config, own, shared.accounts),
    normalise: createNormalise(config),
    deliver: createDeliver({ graph, platform: 'instagram', node, self }, host.clock),
    connection: createCheck(config, client, host),
    media: createMedia({ graph, trustedOrigins, maxBytes: MAX_MEDIA_BYTES }, self),
    hooks: [
      {
        path: '/',
        enter: `App dashboard → Instagram → Webhooks: callback URL, with verify_token as the token; object Instagram, fields ${FIELDS}. One address serves all accounts of the app.`,
      },
    ],
    close: async () => shared.accounts.remove(own),
  };
}

export const channel = defineChannel<InstagramConfig, MetaShared>({
  manifest,
  Config: InstagramConfig,
  open: openMetaShared,
  closeShared: closeMetaShared,
  create,
});
