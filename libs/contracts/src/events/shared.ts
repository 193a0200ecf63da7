import { field } from '../fields.js';

/** Bytes kept in the object store. */
export class BlobRef {
  @field.text({ description: 'Key in the object store.', maxLength: 512, example: 'demo/raw/2026/11/21/0193…' })
  key!: string;

  @field.integer({ description: 'Size in bytes.', minimum: 0 })
  size!: number;

  @field.text({ description: 'SHA-256 of the bytes, lower-case hex.', pattern: /^[0-9a-f]{64}$/ })
  sha256!: string;
}

export class Attachment extends BlobRef {
  @field.text({ description: 'File name, cleaned of paths and control characters.', maxLength: 255 })
  name!: string;

  @field.text({ description: 'Media type as the sender declared it.', maxLength: 255, example: 'image/png' })
  content_type!: string;

  @field.boolean({ description: 'Shown inside the text (cid:) rather than listed.' })
  inline!: boolean;

  @field.text({ description: 'Content-ID without angle brackets.', maxLength: 255, optional: true })
  content_id?: string;
}

/** A person or mailbox at the other side. */
export class Party {
  @field.oneOf(['email', 'phone', 'visitor', 'social'], { description: 'What sort of identity `id` is.' })
  kind!: 'email' | 'phone' | 'visitor' | 'social';

  @field.text({
    description: 'Identity within the kind: lower-cased address, E.164 number, visitor id, scoped user id.',
    maxLength: 320,
    minLength: 1,
  })
  id!: string;

  @field.text({ description: 'Display name, as given.', maxLength: 255, nullable: true })
  name!: string | null;
}

export class Recipient extends Party {
  @field.oneOf(['to', 'cc', 'bcc', 'envelope'], { description: 'Where the recipient was named.' })
  role!: 'to' | 'cc' | 'bcc' | 'envelope';
}
