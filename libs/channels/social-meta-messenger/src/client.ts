import type { ChannelAccount, ChannelHost } from '@fanin/connector-kit';
import { openGraph, type AccountGraph, type MetaShared } from '@fanin/meta';
import type { MessengerConfig } from './config.js';

const API_URL = 'https://graph.facebook.com';

/** The Graph API as this Page, and as its app. */
export function openClient(
  { id, config }: ChannelAccount<MessengerConfig>,
  host: ChannelHost,
  shared: MetaShared,
): AccountGraph {
  return openGraph({ id, config, accessToken: config.access_token, apiUrl: API_URL }, host, shared);
}
