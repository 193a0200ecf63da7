import type { ChannelManifest } from '@fanin/connector-kit';

export const manifest: ChannelManifest = {
  slug: 'whatsapp-cloud',
  family: 'social',
  title: 'WhatsApp Business (Cloud API)',
  capture: 'webhook',
  capabilities: [
    'replies',
    'attachments_in',
    'receipts',
    'connection_check',
    'threads_by_reference',
    'media',
    'amendments',
    'reply_windows',
    'templates',
  ],
  limits: { maxDeliveryBytes: 4 * 1024 * 1024, maxReplyChars: 4_096 },
  // Nothing lists the messages we sent; the status webhooks tell later, see README.
  sending: 'once',
  maturity: 'beta',
  kit: 1,
};
