import type { ChannelManifest } from '@fanin/connector-kit';

export const manifest: ChannelManifest = {
  slug: 'social-instagram',
  family: 'social',
  title: 'Instagram messages, comments and mentions',
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
  limits: { maxDeliveryBytes: 4 * 1024 * 1024, maxReplyChars: 1_000 },
  sending: 'reconciled',
  maturity: 'beta',
  kit: 1,
};
