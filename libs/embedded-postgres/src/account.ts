import { readFile, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { FaninError } from '@fanin/kernel';

/** The operating system's account that the server runs under. */
export interface Account {
  readonly uid: number;
  readonly gid: number;
}

async function nearestExisting(path: string): Promise<{ uid: number; gid: number }> {
  for (let at = resolve(path); ; at = dirname(at)) {
    const found = await stat(at).catch(() => undefined);
    if (found !== undefined) return found;
  }
}

async function nobody(): Promise<Account> {
  const lines = (await readFile('/etc/passwd', 'utf8').catch(() => '')).split('\n');
  for (const name of ['postgres', 'nobody']) {
    const fields = lines.find((line) => line.startsWith(`${name}:`))?.split(':');
    const uid = Number(fields?.[2]);
    const gid = Number(fields?.[3]);
    if (Number.isInteger(uid) && uid > 0 && Number.isInteger(gid)) return { uid, gid };
  }
  throw new FaninError(
    'CONFIG',
    'PostgreSQL does not run as root and this machine has no account `nobody` to lend it. Start Fanin as a normal user.',
  );
}

/**
 * PostgreSQL refuses to run as root. Undefined means: run as ourselves. As root the server gets the account that owns
 * `cluster` (or the nearest folder above it); where that is root too, the machine's `postgres` or `nobody`.
 */
export async function serverAccount(cluster: string): Promise<Account | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  const owner = await nearestExisting(cluster);
  return owner.uid === 0 ? nobody() : { uid: owner.uid, gid: owner.gid };
}

/** Whether the account may pass through every folder down to `path` (its own bits only; supplementary groups are dropped). */
export async function mayEnter(account: Account | undefined, path: string): Promise<boolean> {
  if (account === undefined) return true;
  for (let at = resolve(path); ; at = dirname(at)) {
    const found = await stat(at).catch(() => undefined);
    if (found !== undefined) {
      const bit = found.uid === account.uid ? 0o100 : found.gid === account.gid ? 0o010 : 0o001;
      if ((found.mode & bit) === 0) return false;
    }
    if (at === dirname(at)) return true;
  }
}
