import { field } from '@fanin/contracts';

export const RECEIVE_BY = ['webhook', 'polling', 'both'] as const;
export type ReceiveBy = (typeof RECEIVE_BY)[number];

/** One X account of the shop: its mentions, replies and direct messages. */
export class Config {
  @field.text({
    description: 'Numeric id of the X account (not the handle, which can change).',
    example: '2244994945',
    pattern: /^[0-9]{1,20}$/,
  })
  user_id!: string;

  @field.text({
    description: 'Handle of the account without the @, for people.',
    optional: true,
    example: 'exampleshop',
    pattern: /^[A-Za-z0-9_]{1,15}$/,
  })
  username?: string;

  @field.text({ description: 'OAuth 2 client id of your X app.', example: 'VkFmZ3…', minLength: 1 })
  client_id!: string;

  @field.text({
    description: 'OAuth 2 client secret of that app. X signs its webhooks with it.',
    secret: true,
    example: '${env:X_CLIENT_SECRET}',
    minLength: 1,
  })
  client_secret!: string;

  @field.text({
    description:
      'The client secret before the last rotation: signatures made with it are still taken while X changes over.',
    optional: true,
    advanced: true,
    secret: true,
    example: '${env:X_OLD_CLIENT_SECRET}',
    minLength: 1,
  })
  previous_client_secret?: string;

  @field.text({
    description: 'OAuth 1 consumer secret (API secret key), for apps whose webhooks X still signs in the old way.',
    optional: true,
    advanced: true,
    secret: true,
    example: '${env:X_CONSUMER_SECRET}',
    minLength: 1,
  })
  consumer_secret?: string;

  @field.text({
    description:
      'OAuth 2 refresh token of the account (scope offline.access). X replaces it at every use: Fanin keeps the newest sealed in its database, and this one is only the seed. Another one put here later wins over what is kept.',
    optional: true,
    secret: true,
    example: '${env:X_REFRESH_TOKEN}',
    minLength: 1,
  })
  refresh_token?: string;

  @field.text({
    description:
      'OAuth 2 access token of the account. Only needed without a refresh token, e.g. for a trial of two hours.',
    optional: true,
    secret: true,
    example: '${env:X_ACCESS_TOKEN}',
    minLength: 1,
  })
  access_token?: string;

  @field.text({
    description: 'Bearer token of the app: webhooks are looked after with it. Required with a webhook.',
    optional: true,
    secret: true,
    example: '${env:X_BEARER_TOKEN}',
    minLength: 1,
  })
  bearer_token?: string;

  @field.text({
    description:
      'Id of your X app. With it, direct messages that people of the shop send with other tools (X itself) are shown on the ticket; without it everything that the account sends is taken for our own and ignored.',
    optional: true,
    example: '28110192',
    pattern: /^[0-9]{1,20}$/,
  })
  app_id?: string;

  @field.text({
    description:
      'Name of your X app exactly as X shows it. The same for public replies: `app_id` tells messages apart, this tells posts.',
    optional: true,
    example: 'Example Shop Support',
    minLength: 1,
    maxLength: 100,
  })
  app_name?: string;

  @field.oneOf(RECEIVE_BY, {
    description:
      'How messages come in. `webhook`: X pushes them (Account Activity API). `polling`: Fanin asks. `both`: pushed at once, and asked for what the webhook missed; nothing is taken twice.',
    optional: true,
    default: 'both',
  })
  receive_by: ReceiveBy = 'both';

  @field.text({
    description:
      'Id of the webhook at X. Without it Fanin finds the one with the address of this account, or registers it.',
    optional: true,
    example: '1146654567674912769',
    pattern: /^[0-9]{1,20}$/,
  })
  webhook_id?: string;

  @field.boolean({
    description: 'Read direct messages too when polling (scope dm.read).',
    optional: true,
    default: true,
  })
  direct_messages = true;

  @field.integer({
    description:
      'Seconds between two polls. X bills what is read; direct messages may be asked for 15 times in 15 minutes.',
    optional: true,
    default: 120,
    minimum: 1,
    maximum: 86_400,
  })
  poll_interval_seconds = 120;

  @field.integer({
    description: 'Days of old messages that are taken in when the account starts for the first time with polling.',
    optional: true,
    default: 1,
    minimum: 0,
    maximum: 30,
  })
  backfill_days = 1;

  @field.integer({
    description: 'Seconds between two looks at the webhook and the subscription at X.',
    optional: true,
    advanced: true,
    default: 60,
    minimum: 1,
    maximum: 3600,
  })
  upkeep_interval_seconds = 60;

  @field.integer({
    description: 'Longest public reply in weighted characters: 280, or more for an account with X Premium.',
    optional: true,
    advanced: true,
    default: 280,
    minimum: 280,
    maximum: 25_000,
  })
  post_limit = 280;

  @field.integer({
    description: 'Minutes that calls rest when the credits or the monthly cap at X are used up.',
    optional: true,
    advanced: true,
    default: 60,
    minimum: 1,
    maximum: 1440,
  })
  usage_cap_pause_minutes = 60;

  @field.text({
    description:
      'host:port that is dialled instead of the hosts of X: a proxy that passes TLS on, or the simulator. Names and certificates stay those of X.',
    optional: true,
    advanced: true,
    example: '127.0.0.1:4030',
    pattern: /^(\[[0-9a-fA-F:]+\]|[A-Za-z0-9.-]+):[0-9]{1,5}$/,
  })
  api_address?: string;

  @field.text({
    description: 'File with the certificate authority (PEM) behind `api_address`.',
    optional: true,
    advanced: true,
    example: '/etc/fanin/x-ca.pem',
    minLength: 1,
  })
  api_ca_file?: string;
}
