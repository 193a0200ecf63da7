import type { ChannelManifest } from '@fanin/connector-kit';

export const manifest: ChannelManifest = {
  slug: 'social-x',
  family: 'social',
  title: 'X (Twitter)',
  capture: 'webhook',
  capabilities: [
    'replies',
    'attachments_in',
    'receipts',
    'connection_check',
    'threads_by_reference',
    'reconcile',
    'media',
    'amendments',
    'visibility',
  ],
  // A direct message takes 10,000 characters; a public reply takes less, which `deliver` weighs by itself.
  limits: { maxDeliveryBytes: 1024 * 1024, maxReplyChars: 10_000 },
  sending: 'reconciled',
  batches: true,
  maturity: 'beta',
  kit: 1,
};
