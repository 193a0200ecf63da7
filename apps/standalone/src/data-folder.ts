import { randomBytes } from 'node:crypto';
import { chmod, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { FaninError } from '@fanin/kernel';
import { requireWritable } from '@fanin/platform';

export interface Secrets {
  readonly session_secret: string;
  readonly operator_token: string;
  readonly signing_secrets: readonly string[];
}

/** What standalone keeps under `--data`. */
export interface DataFolder {
  readonly postgres: string;
  readonly objects: string;
  /** Outgoing mail while no relay is configured. */
  readonly outbox: string;
  readonly secrets: Secrets;
  /** Connection string of the service role; for `keys`, psql and BI tools while Fanin runs. Mode 0600. */
  readonly databaseUrlFile: string;
  /** The key of the first start. Mode 0600. */
  readonly apiKeyFile: string;
}

/** Opens the folder, makes what is missing. CONFIG when it cannot be written or its secrets cannot be read. */
export async function openDataFolder(folder: string): Promise<DataFolder> {
  await requireWritable(folder);
  return {
    postgres: join(folder, 'postgres'),
    objects: join(folder, 'objects'),
    outbox: join(folder, 'outbox'),
    databaseUrlFile: join(folder, 'database-url'),
    apiKeyFile: join(folder, 'api-key'),
    secrets: await readOrMakeSecrets(join(folder, 'secrets.json')),
  };
}

/** Kept, so that sessions, reply addresses and visitor ids outlive a restart. */
async function readOrMakeSecrets(file: string): Promise<Secrets> {
  const text = await readFile(file, 'utf8').catch(() => undefined);
  if (text === undefined) {
    const made: Secrets = { session_secret: secret(), operator_token: secret(), signing_secrets: [secret()] };
    await writePrivately(file, JSON.stringify(made, null, 2));
    return made;
  }
  try {
    return JSON.parse(text) as Secrets;
  } catch {
    throw new FaninError(
      'CONFIG',
      `${file} is not readable any more. Restore it, or delete it: open pages must then log in again.`,
    );
  }
}

function secret(): string {
  return randomBytes(32).toString('base64url');
}

/** Complete or not there at all, and never readable for others. */
export async function writePrivately(file: string, text: string): Promise<void> {
  const temporary = `${file}.${process.pid}`;
  await writeFile(temporary, `${text}\n`, { mode: 0o600 });
  await chmod(temporary, 0o600);
  await rename(temporary, file);
}
