import type { ChannelManifest } from '@fanin/connector-kit';

export const manifest: ChannelManifest = {
  slug: 'email-smtp',
  family: 'email',
  title: 'E-mail by SMTP',
  capture: 'stream',
  capabilities: [
    'replies',
    'attachments_in',
    'attachments_out',
    'html',
    'subjects',
    'receipts',
    'connection_check',
    'threads_by_reference',
  ],
  limits: { maxDeliveryBytes: 25 * 1024 * 1024, maxReplyChars: null },
  sending: 'once',
  maturity: 'beta',
  kit: 1,
};
