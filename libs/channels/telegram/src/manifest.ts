import type { ChannelManifest } from '@fanin/connector-kit';

export const manifest: ChannelManifest = {
  slug: 'telegram',
  family: 'social',
  title: 'Telegram bot',
  capture: 'webhook',
  capabilities: [
    'replies',
    'attachments_in',
    'media',
    'connection_check',
    'reconcile',
    'threads_by_reference',
    'amendments',
    'visibility',
    'consent',
  ],
  limits: { maxDeliveryBytes: 1024 * 1024, maxReplyChars: 4096 },
  // sendMessage knows no key of the caller's, and a bot can list nothing: whether a cut-off reply went out stays open.
  sending: 'once',
  maturity: 'experimental',
  kit: 1,
};
