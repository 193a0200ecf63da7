import { field } from '@fanin/contracts';

export class TenantConfig {
  @field.text({
    description: 'Name of one shop or brand in keys and records; never changes.',
    example: 'default',
    pattern: /^[a-z0-9][a-z0-9-]{0,39}$/,
  })
  id!: string;

  @field.text({ description: 'What people see.', example: 'My shop', minLength: 1, maxLength: 100 })
  name!: string;
}

export class AccountConfig {
  @field.text({
    description: 'Name of the account, unique in this file; never changes.',
    example: 'support-mail',
    pattern: /^[a-z0-9][a-z0-9-]{0,59}$/,
  })
  id!: string;

  @field.text({ description: 'Which tenant its messages belong to.', example: 'default', minLength: 1 })
  tenant!: string;

  @field.text({ description: 'Slug of the channel.', example: 'email-smtp', minLength: 1 })
  channel!: string;

  /** Read by the channel: what is in it is declared by the channel's own class and checked against that. */
  config!: Readonly<Record<string, unknown>>;
}

export const SASL_MECHANISMS = ['plain', 'scram-sha-256', 'scram-sha-512'] as const;

export class KafkaSaslConfig {
  @field.oneOf(SASL_MECHANISMS, { description: 'How to log in.', example: 'scram-sha-512' })
  mechanism!: (typeof SASL_MECHANISMS)[number];

  @field.text({ description: 'User.', example: 'fanin', minLength: 1 })
  username!: string;

  @field.text({ description: 'Password.', secret: true, example: '${env:KAFKA_PASSWORD}', minLength: 1 })
  password!: string;
}

export class KafkaConfig {
  @field.texts({
    description: 'Brokers to begin with, host:port.',
    example: ['kafka-1:9092', 'kafka-2:9092'],
    minLength: 1,
  })
  brokers!: string[];

  @field.text({
    description: 'Name shown in the logs and quotas of the brokers.',
    optional: true,
    default: 'fanin',
    minLength: 1,
  })
  client_id = 'fanin';

  @field.boolean({
    description: 'Encrypt the connection (the brokers’ certificate is checked).',
    optional: true,
    default: false,
  })
  tls = false;

  @field.object(() => KafkaSaslConfig, { description: 'Log in to the brokers; left out: no login.', optional: true })
  sasl?: KafkaSaslConfig;
}

export const BUS_ENGINES = ['postgres', 'kafka'] as const;

export class BusConfig {
  @field.oneOf(BUS_ENGINES, {
    description: 'Where the log is: in the PostgreSQL of `database`, or in Kafka.',
    optional: true,
    default: 'postgres',
  })
  engine: (typeof BUS_ENGINES)[number] = 'postgres';

  @field.object(() => KafkaConfig, { description: 'Needed when engine is kafka.', optional: true })
  kafka?: KafkaConfig;

  @field.text({
    description: 'First part of every topic and consumer group.',
    optional: true,
    default: 'fanin',
    pattern: /^[a-z0-9][a-z0-9-]{0,39}$/,
  })
  topic_prefix = 'fanin';

  @field.integer({
    description: 'Copies of each partition in topics that Fanin creates (Kafka).',
    optional: true,
    default: 3,
    minimum: 1,
    maximum: 10,
  })
  replication_factor = 3;
}

export const MIGRATE_MODES = ['auto', 'verify'] as const;

export class DatabaseConfig {
  @field.text({
    description:
      'PostgreSQL address. The user owns the database and is no superuser. Standalone without it starts its own server.',
    secret: true,
    optional: true,
    example: '${env:DATABASE_URL}',
    pattern: /^postgres(ql)?:\/\//,
  })
  url?: string;

  @field.integer({ description: 'Connections of one service.', optional: true, default: 10, minimum: 2, maximum: 200 })
  pool_size = 10;

  @field.oneOf(MIGRATE_MODES, {
    description: 'auto brings the schemas up to date at the start, verify refuses to start when they are behind.',
    optional: true,
    default: 'auto',
  })
  migrate: (typeof MIGRATE_MODES)[number] = 'auto';
}

export class S3Config {
  @field.text({
    description: 'Address of the S3 API.',
    example: 'https://s3.eu-central-1.amazonaws.com',
    pattern: /^https?:\/\//,
  })
  endpoint!: string;

  @field.text({
    description: 'Region that requests are signed for.',
    optional: true,
    default: 'us-east-1',
    minLength: 1,
  })
  region = 'us-east-1';

  @field.text({ description: 'Bucket; it must exist.', example: 'fanin', minLength: 1 })
  bucket!: string;

  @field.text({ description: 'Access key.', secret: true, example: '${env:S3_ACCESS_KEY_ID}', minLength: 1 })
  access_key_id!: string;

  @field.text({
    description: 'Secret of the access key.',
    secret: true,
    example: '${env:S3_SECRET_ACCESS_KEY}',
    minLength: 1,
  })
  secret_access_key!: string;

  @field.boolean({
    description: 'Bucket in the path instead of the host name (MinIO, Ceph).',
    optional: true,
    default: false,
  })
  force_path_style = false;
}

export class StorageConfig {
  @field.text({
    description: 'Folder for bodies and attachments; every service must see the same one.',
    optional: true,
    example: '/var/lib/fanin/objects',
    minLength: 1,
  })
  folder?: string;

  @field.object(() => S3Config, {
    description: 'An object store with the S3 API, instead of a folder.',
    optional: true,
  })
  s3?: S3Config;
}

export class HttpConfig {
  @field.text({ description: 'Address to listen on.', optional: true, default: '127.0.0.1', minLength: 1 })
  host = '127.0.0.1';

  @field.integer({
    description: 'Port to listen on; 0 takes a free one.',
    optional: true,
    default: 8080,
    minimum: 0,
    maximum: 65535,
  })
  port = 8080;

  @field.text({
    description:
      'Address that browsers and providers reach us under, without a slash at the end. Signatures of webhooks are checked against it.',
    optional: true,
    example: 'https://support.example.com',
    pattern: /^https?:\/\/[^/?#]+$/,
  })
  public_url?: string;

  @field.integer({
    description: 'How many proxies before us set X-Forwarded-For; 0 believes nobody.',
    optional: true,
    default: 0,
    minimum: 0,
    maximum: 10,
  })
  trusted_proxy_hops = 0;
}

export class SmtpConfig {
  @field.text({
    description: 'Address that the SMTP door listens on.',
    optional: true,
    default: '127.0.0.1',
    minLength: 1,
  })
  host = '127.0.0.1';

  @field.integer({
    description: 'Port of the SMTP door; 0 takes a free one.',
    optional: true,
    default: 2525,
    minimum: 0,
    maximum: 65535,
  })
  port = 2525;

  @field.text({
    description:
      'Outgoing mail of accounts without a relay is written here as *.eml instead of being sent. For trying out: leave it out where real customers wait.',
    optional: true,
    advanced: true,
    example: '/var/lib/fanin/outbox',
    minLength: 1,
  })
  outbox_folder?: string;
}

export class AuthConfig {
  @field.text({
    description: 'Signs the cookie of the pages; the same for every service.',
    secret: true,
    optional: true,
    example: '${file:/run/secrets/session}',
    minLength: 32,
  })
  session_secret?: string;

  @field.text({
    description: 'Opens the pages (?token=…) with every tenant; left out: the pages cannot be opened.',
    secret: true,
    optional: true,
    example: '${env:FANIN_OPERATOR_TOKEN}',
    minLength: 24,
  })
  operator_token?: string;

  @field.texts({
    description: 'Sign reply addresses and visitor ids; the first signs, all are accepted.',
    secret: true,
    optional: true,
    example: ['${file:/run/secrets/signing}'],
    minLength: 32,
    maxItems: 5,
  })
  signing_secrets: string[] = [];
}

export const LOG_LEVELS = ['debug', 'info', 'warn', 'error'] as const;
export const LOG_FORMATS = ['json', 'pretty'] as const;

export class LoggingConfig {
  @field.oneOf(LOG_LEVELS, { description: 'Least important lines that are written.', optional: true, default: 'info' })
  level: (typeof LOG_LEVELS)[number] = 'info';

  @field.oneOf(LOG_FORMATS, { description: 'json for log stores, pretty for people.', optional: true, default: 'json' })
  format: (typeof LOG_FORMATS)[number] = 'json';
}

/** The one configuration file, the same for every service. */
export class FaninConfig {
  @field.objects(() => TenantConfig, { description: 'The shops or brands.' })
  tenants!: TenantConfig[];

  @field.objects(() => AccountConfig, { description: 'The channel accounts.', optional: true, default: [] })
  accounts: AccountConfig[] = [];

  @field.object(() => BusConfig, { description: 'The log between the services.', optional: true })
  bus: BusConfig = new BusConfig();

  @field.object(() => DatabaseConfig, { description: 'PostgreSQL.', optional: true })
  database: DatabaseConfig = new DatabaseConfig();

  @field.object(() => StorageConfig, { description: 'Object store: exactly one of folder and s3.', optional: true })
  storage: StorageConfig = new StorageConfig();

  @field.object(() => HttpConfig, { description: 'API, pages, webhooks, health, metrics.', optional: true })
  http: HttpConfig = new HttpConfig();

  @field.object(() => SmtpConfig, { description: 'The SMTP door of email-smtp.', optional: true })
  smtp: SmtpConfig = new SmtpConfig();

  @field.object(() => AuthConfig, { description: 'Secrets of this installation.', optional: true })
  auth: AuthConfig = new AuthConfig();

  @field.object(() => LoggingConfig, { description: 'What is written to standard output.', optional: true })
  logging: LoggingConfig = new LoggingConfig();
}

/** Injection token of the configuration. */
export const CONFIG = Symbol('FaninConfig');
