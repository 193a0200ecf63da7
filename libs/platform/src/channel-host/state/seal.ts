import { createCipheriv, createDecipheriv, createHash, hkdfSync, randomBytes } from 'node:crypto';
import { FaninError } from '@fanin/kernel';

const VERSION = 'v1';
const IV_BYTES = 12;
const TAG_BYTES = 16;

/** Turns small secrets into texts that may lie in a database, and back. */
export interface Seal {
  /** `place` is bound to the text: moved to another row it cannot be opened. */
  close(plain: string, place: string): string;
  /** Throws CONFIG when it was closed with a secret that is not in the list any more. */
  open(sealed: string, place: string): string;
}

interface Key {
  readonly id: string;
  readonly bytes: Buffer;
}

/** AES-256-GCM (NIST SP 800-38D) with keys derived by HKDF (RFC 5869): closed with the first secret, opened with any. */
export function createSeal(secrets: readonly string[]): Seal {
  let keys: readonly Key[] | undefined;
  const keyring = (): readonly Key[] => (keys ??= secrets.map(keyOf));
  return {
    close(plain, place) {
      const [key] = keyring();
      if (key === undefined)
        throw new FaninError(
          'CONFIG',
          'this channel keeps a secret in the database, which needs auth.signing_secrets, e.g. auth: { signing_secrets: [${env:FANIN_SIGNING_SECRET}] }',
        );
      const iv = randomBytes(IV_BYTES);
      const cipher = createCipheriv('aes-256-gcm', key.bytes, iv).setAAD(Buffer.from(place));
      const bytes = Buffer.concat([iv, cipher.update(plain, 'utf8'), cipher.final(), cipher.getAuthTag()]);
      return [VERSION, key.id, bytes.toString('base64url')].join('.');
    },
    open(sealed, place) {
      const [version, id, text = ''] = sealed.split('.');
      const key = version === VERSION ? keyring().find((each) => each.id === id) : undefined;
      if (key === undefined)
        throw new FaninError(
          'CONFIG',
          'a kept secret was sealed with a signing secret that auth.signing_secrets does not hold any more; add the former one behind the first',
        );
      const bytes = Buffer.from(text, 'base64url');
      const decipher = createDecipheriv('aes-256-gcm', key.bytes, bytes.subarray(0, IV_BYTES))
        .setAAD(Buffer.from(place))
        .setAuthTag(bytes.subarray(-TAG_BYTES));
      try {
        return decipher.update(bytes.subarray(IV_BYTES, -TAG_BYTES), undefined, 'utf8') + decipher.final('utf8');
      } catch (error) {
        throw new FaninError('BUG', 'a kept secret was changed in the database and cannot be opened', { cause: error });
      }
    },
  };
}

function keyOf(secret: string): Key {
  const bytes = Buffer.from(hkdfSync('sha256', secret, '', 'fanin sealed state v1', 32));
  return { id: createHash('sha256').update(bytes).digest('hex').slice(0, 8), bytes };
}
