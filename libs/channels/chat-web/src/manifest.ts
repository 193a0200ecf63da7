import type { ChannelManifest } from '@fanin/connector-kit';

export const manifest: ChannelManifest = {
  slug: 'chat-web',
  family: 'chat',
  title: 'Live chat on a web page',
  capture: 'stream',
  capabilities: ['replies'],
  limits: { maxDeliveryBytes: 32 * 1024, maxReplyChars: 8_000 },
  sending: 'idempotent',
  maturity: 'beta',
  kit: 1,
};
