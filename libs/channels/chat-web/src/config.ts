import { field } from '@fanin/contracts';

export const JWT_ALGORITHMS = ['HS256', 'RS256'] as const;
export type JwtAlgorithm = (typeof JWT_ALGORITHMS)[number];

/** A key that the shop signs its visitors' tokens with. */
export class JwtKey {
  @field.text({
    description: 'Key id: the `kid` in the header of the token.',
    minLength: 1,
    maxLength: 64,
    example: '2026-11',
  })
  kid!: string;

  @field.oneOf(JWT_ALGORITHMS, { description: 'HS256: a shared secret. RS256: a public key.', example: 'HS256' })
  alg!: JwtAlgorithm;

  @field.text({
    description: 'HS256: the secret, 32 bytes or more. RS256: the public key as PEM (SPKI).',
    secret: true,
    minLength: 32,
  })
  key!: string;
}

export class ChatWebConfig {
  @field.texts({
    description:
      'Origins of the pages that may carry the widget. `self` is the address that Fanin itself is reached under; with it the demo shop is served for this account.',
    maxItems: 100,
    maxLength: 255,
    optional: true,
    default: ['self'],
    example: ['https://shop.example'],
  })
  allowed_origins: string[] = ['self'];

  @field.oneOf(['optional', 'required'], {
    description: '`required`: only visitors with a signed token (JWT). `optional`: anonymous visitors too.',
    optional: true,
    default: 'optional',
  })
  identity: 'optional' | 'required' = 'optional';

  @field.objects(() => JwtKey, {
    description: 'Keys of visitor tokens. Two at most: the new one and, while the change takes place, the old one.',
    maxItems: 2,
    optional: true,
    default: [],
  })
  jwt_keys: JwtKey[] = [];

  @field.text({
    description: 'First line that a visitor sees in the widget.',
    maxLength: 500,
    optional: true,
    default: 'Hello! How can we help?',
  })
  greeting: string = 'Hello! How can we help?';

  @field.integer({
    description: 'Longest text of a message, in bytes of UTF-8.',
    minimum: 1,
    maximum: 4_096,
    optional: true,
    advanced: true,
    default: 4_096,
  })
  max_text_bytes: number = 4_096;

  @field.number({
    description: 'Messages a second that a visitor and a conversation may send in the long run.',
    minimum: 0.1,
    maximum: 1_000,
    optional: true,
    advanced: true,
    default: 5,
  })
  messages_per_second: number = 5;

  @field.integer({
    description: 'Messages that a visitor and a conversation may send at once before that rate holds.',
    minimum: 1,
    maximum: 1_000,
    optional: true,
    advanced: true,
    default: 20,
  })
  message_burst: number = 20;

  @field.integer({
    description: 'Messages a second from one IP address, all visitors behind it together; twice as many at once.',
    minimum: 1,
    maximum: 100_000,
    optional: true,
    advanced: true,
    default: 50,
  })
  ip_messages_per_second: number = 50;

  @field.integer({
    description: 'Open connections from one IP address.',
    minimum: 1,
    maximum: 100_000,
    optional: true,
    advanced: true,
    default: 100,
  })
  connections_per_ip: number = 100;

  @field.integer({
    description: 'New anonymous visitors a minute from one IP address.',
    minimum: 1,
    maximum: 100_000,
    optional: true,
    advanced: true,
    default: 60,
  })
  new_visitors_per_ip_per_minute: number = 60;

  @field.integer({
    description: 'Reverse proxies in front of Fanin that append to X-Forwarded-For; 0: the header is not looked at.',
    minimum: 0,
    maximum: 10,
    optional: true,
    advanced: true,
    default: 0,
  })
  trusted_proxy_hops: number = 0;
}
