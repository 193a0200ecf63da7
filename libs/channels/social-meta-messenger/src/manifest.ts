import type { ChannelManifest } from '@fanin/connector-kit';

export const manifest: ChannelManifest = {
  slug: 'social-meta-messenger',
  family: 'social',
  title: 'Facebook Messenger and Page comments',
  capture: 'webhook',
  capabilities: [
    'replies',
    'attachments_in',
    'receipts',
    'connection_check',
    'threads_by_reference',
    'media',
    'amendments',
    'visibility',
    'reply_windows',
  ],
  limits: { maxDeliveryBytes: 4 * 1024 * 1024, maxReplyChars: 2_000 },
  sending: 'reconciled',
  maturity: 'beta',
  kit: 1,
};
