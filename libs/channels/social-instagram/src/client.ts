import type { ChannelAccount, ChannelHost } from '@fanin/connector-kit';
import { openGraph, type AccountGraph, type MetaShared } from '@fanin/meta';
import type { InstagramConfig } from './config.js';

const API_URLS = { facebook: 'https://graph.facebook.com', instagram: 'https://graph.instagram.com' } as const;

/** The Graph API as this account, and as its app. */
export function openClient(
  { id, config }: ChannelAccount<InstagramConfig>,
  host: ChannelHost,
  shared: MetaShared,
): AccountGraph {
  return openGraph({ id, config, accessToken: config.access_token, apiUrl: API_URLS[config.login] }, host, shared);
}
