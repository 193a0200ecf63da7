import { CHANNEL_FAMILIES, type ChannelFamily } from '../vocabulary.js';
import { field } from '../fields.js';
import { BlobRef } from './shared.js';

/** What a provider handed over, byte for byte, before anything was understood of it. Topic inbound.raw. */
export class RawDeliveryV1 {
  @field.text({ description: 'Id of the delivery, made at capture (UUID).', maxLength: 64 })
  delivery_id!: string;

  @field.text({ description: 'Shop or brand.', maxLength: 64 })
  tenant!: string;

  @field.text({ description: 'Channel account that received it.', maxLength: 128 })
  account_id!: string;

  @field.oneOf(CHANNEL_FAMILIES, { description: 'Family of the channel.' })
  channel!: ChannelFamily;

  @field.text({
    description: 'Slug of the channel that captured it and can read it.',
    maxLength: 64,
    example: 'email-smtp',
  })
  channel_slug!: string;

  @field.time({ description: 'Our clock at capture.' })
  received_at!: string;

  @field.text({ description: 'Media type of the body.', maxLength: 255, example: 'message/rfc822' })
  content_type!: string;

  @field.textMap({
    description: 'What came beside the body: envelope, IMAP position, headers that a signature covers. Flat strings.',
  })
  meta!: Record<string, string>;

  @field.oneOf(['utf8', 'base64'], { description: 'How `body` holds the bytes. utf8 only where that is lossless.' })
  body_encoding!: 'utf8' | 'base64';

  @field.text({ description: 'The bytes; null when they travel by reference.', nullable: true })
  body!: string | null;

  @field.object(() => BlobRef, { description: 'Where the bytes are when they are above 256 KiB.', nullable: true })
  body_ref!: BlobRef | null;

  @field.integer({ description: 'Size of the bytes.', minimum: 0 })
  body_size!: number;

  @field.text({ description: 'SHA-256 of the bytes, lower-case hex.', pattern: /^[0-9a-f]{64}$/ })
  body_sha256!: string;
}
