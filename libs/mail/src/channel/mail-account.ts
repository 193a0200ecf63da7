import { field } from '@fanin/contracts';

/** Where outgoing mail of an account is handed over. */
export class RelayConfig {
  @field.text({ description: 'Host of the submission server.', example: 'smtp.example.com', minLength: 1 })
  host!: string;

  @field.integer({
    description: 'Port: 587 with STARTTLS, 465 with TLS from the start.',
    optional: true,
    default: 587,
    minimum: 1,
    maximum: 65535,
  })
  port = 587;

  @field.oneOf(['starttls', 'tls', 'none'], {
    description:
      'Encryption. `starttls` refuses to go on when the server does not offer it; `none` only for a relay on the same machine.',
    optional: true,
    default: 'starttls',
  })
  encryption: 'starttls' | 'tls' | 'none' = 'starttls';

  @field.text({
    description: 'User, when the relay wants a login.',
    optional: true,
    example: 'support@example.com',
    minLength: 1,
  })
  user?: string;

  @field.text({
    description: 'Password of that user.',
    optional: true,
    secret: true,
    example: '${env:SMTP_PASSWORD}',
    minLength: 1,
  })
  password?: string;
}

/** What both e-mail channels are configured with. */
export class MailAccountConfig {
  @field.texts({
    description: 'Addresses whose mail belongs to this account; the first one is what replies are sent from.',
    example: ['support@example.com'],
    minLength: 3,
    maxItems: 50,
  })
  addresses!: string[];

  @field.text({
    description: 'Name that customers see in front of the address.',
    optional: true,
    example: 'Example Shop Support',
    maxLength: 100,
  })
  from_name?: string;

  @field.object(() => RelayConfig, {
    description:
      'Server that outgoing mail is handed to. Without it `npm start` writes mail to DIR/outbox, and other services refuse to reply.',
    optional: true,
  })
  relay?: RelayConfig;

  @field.texts({
    description:
      'Names (authserv-id) under which your own mail servers write Authentication-Results. Only theirs are believed (RFC 8601).',
    optional: true,
    default: [],
    example: ['mx.example.com'],
    advanced: true,
    maxItems: 20,
  })
  authserv_ids: string[] = [];

  @field.boolean({
    description:
      'Take list mail for customers’ mail: set it where the address is fed by a mailing list or a group, which marks all mail so.',
    optional: true,
    default: false,
    advanced: true,
  })
  accept_list_mail = false;
}
