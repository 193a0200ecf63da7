import { field } from '@fanin/contracts';
import { MailAccountConfig } from '@fanin/mail';

/** Where the mailbox is, and how to get in. */
export class ImapConfig {
  @field.text({ description: 'Host of the IMAP server.', example: 'imap.example.com', minLength: 1 })
  host!: string;

  @field.integer({
    description: 'Port: 993 with TLS from the start, 143 with STARTTLS.',
    optional: true,
    default: 993,
    minimum: 1,
    maximum: 65535,
  })
  port = 993;

  @field.oneOf(['tls', 'starttls', 'none'], {
    description:
      'Encryption. `starttls` refuses to go on when the server does not offer it; `none` only for a server on the same machine.',
    optional: true,
    default: 'tls',
  })
  encryption: 'tls' | 'starttls' | 'none' = 'tls';

  @field.text({ description: 'User that the mailbox belongs to.', example: 'support@example.com', minLength: 1 })
  user!: string;

  @field.text({
    description: 'Password of that user, or an app password where the provider wants one.',
    secret: true,
    example: '${env:IMAP_PASSWORD}',
    minLength: 1,
  })
  password!: string;

  @field.text({
    description: 'Certificate authority (PEM) when the certificate of the server is signed by your own.',
    optional: true,
    advanced: true,
    example: '${file:/etc/fanin/imap-ca.pem}',
    minLength: 1,
  })
  ca_certificate?: string;
}

/** An account whose mail lies in a folder of an IMAP mailbox. */
export class Config extends MailAccountConfig {
  @field.object(() => ImapConfig, { description: 'The IMAP server and the mailbox on it.' })
  imap!: ImapConfig;

  @field.text({
    description: 'Folder that is watched. A second folder is a second account.',
    optional: true,
    default: 'INBOX',
    minLength: 1,
    maxLength: 255,
  })
  folder = 'INBOX';

  @field.integer({
    description:
      'How many days of old mail become messages on the very first start; 0 takes only what comes from then on.',
    optional: true,
    default: 1,
    minimum: 0,
    maximum: 3650,
  })
  backfill_days = 1;

  @field.integer({
    description:
      'Seconds between two looks into the folder. New mail is announced by the server (IDLE) at once; this is for when the announcement is lost.',
    optional: true,
    default: 120,
    advanced: true,
    minimum: 1,
    maximum: 240,
  })
  poll_seconds = 120;

  @field.integer({
    description: 'Most mails that are read before they are stored; fewer when they are large.',
    optional: true,
    default: 100,
    advanced: true,
    minimum: 1,
    maximum: 500,
  })
  batch_size = 100;
}
