import type { ChannelManifest } from '@fanin/connector-kit';

export const manifest: ChannelManifest = {
  slug: 'phone-twilio',
  family: 'phone',
  title: 'Phone, SMS and WhatsApp by Twilio',
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
    'reply_windows',
    'templates',
    'consent',
  ],
  // Twilio takes 1600 characters a message (error 21617).
  limits: { maxDeliveryBytes: 1024 * 1024, maxReplyChars: 1600 },
  sending: 'reconciled',
  maturity: 'beta',
  kit: 1,
};
