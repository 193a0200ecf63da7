import type { ChannelManifest } from '@fanin/connector-kit';

export const manifest: ChannelManifest = {
  slug: 'email-imap',
  family: 'email',
  title: 'E-mail by IMAP',
  capture: 'poll',
  capabilities: [
    'replies',
    'attachments_in',
    'attachments_out',
    'html',
    'subjects',
    'receipts',
    'backfill',
    'connection_check',
    'threads_by_reference',
  ],
  // As much as the parser of @fanin/mail takes.
  limits: { maxDeliveryBytes: 50 * 1024 * 1024, maxReplyChars: null },
  sending: 'once',
  maturity: 'beta',
  kit: 1,
};
