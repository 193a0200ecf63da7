import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  access,
  chmod,
  chown,
  constants,
  mkdir,
  readFile,
  realpath,
  rename,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { FaninError, messageOf, type CrashPoints } from '@fanin/kernel';
import type { Account } from './account.js';
import { mayEnter, serverAccount } from './account.js';
import type { Binaries } from './binaries.js';

/** Where the parts of one embedded server lie. */
export interface ClusterHome {
  readonly folder: string;
  readonly cluster: string;
  readonly passwordFile: string;
  readonly ownerFile: string;
  readonly logFile: string;
  /** Where the programs are copied to if the server's account cannot enter node_modules. */
  readonly programs: string;
}

export interface Cluster extends ClusterHome {
  readonly account: Account | undefined;
  readonly binaries: Binaries;
}

/** Folder for clusters of root whose data folder lies where no other account may enter (`/root`, usually). */
const SHARED_FOLDER = '/var/lib/fanin';

/**
 * Makes the folder and checks that it can be written. Started as root below a folder like /root, which the account
 * lent to PostgreSQL cannot enter, the cluster itself lives in /var/lib/fanin and the link `elsewhere` leads there.
 */
export async function clusterHome(dataDir: string): Promise<ClusterHome> {
  let folder = resolve(dataDir);
  const asked = folder;
  try {
    await mkdir(folder, { recursive: true, mode: process.getuid?.() === 0 ? 0o711 : 0o700 });
    await access(folder, constants.W_OK | constants.X_OK);
  } catch (cause) {
    throw new FaninError(
      'CONFIG',
      `The data folder ${asked} cannot be written (${messageOf(cause)}). Name another or mend its permissions.`,
      { cause },
    );
  }
  const account = await serverAccount(join(folder, 'cluster'));
  if (!(await mayEnter(account, folder))) folder = await elsewhere(folder);
  return {
    folder,
    cluster: join(folder, 'cluster'),
    passwordFile: join(folder, 'password'),
    ownerFile: join(folder, 'owner'),
    logFile: join(folder, 'postgres.log'),
    programs: SHARED_FOLDER,
  };
}

async function elsewhere(folder: string): Promise<string> {
  const link = join(folder, 'elsewhere');
  const existing = await realpath(link).catch(() => undefined);
  if (existing !== undefined) return existing;
  const target = join(SHARED_FOLDER, randomBytes(6).toString('hex'));
  await mkdir(target, { recursive: true, mode: 0o711 });
  await rm(link, { force: true });
  await symlink(target, link);
  return target;
}

/**
 * Makes the cluster in a folder beside its final one and renames it, so that a kill half-way leaves nothing that looks
 * finished. Collation is PostgreSQL's own C.UTF-8: the same order on every machine, whatever locales it has.
 */
export async function initialise(cluster: Cluster, fsync: boolean, crashPoints: CrashPoints): Promise<void> {
  const half = `${cluster.cluster}.new`;
  const passwordCopy = join(cluster.folder, 'password.new');
  await rm(half, { recursive: true, force: true });
  await mkdir(half, { mode: 0o700 });
  if ((await stat(cluster.passwordFile).catch(() => undefined)) === undefined) {
    await writeFile(cluster.passwordFile, `${randomBytes(24).toString('base64url')}\n`, { mode: 0o600 });
  }
  await writeFile(passwordCopy, await readFile(cluster.passwordFile), { mode: 0o600 });
  if (cluster.account !== undefined) {
    await chown(half, cluster.account.uid, cluster.account.gid);
    await chown(passwordCopy, cluster.account.uid, cluster.account.gid);
    await chmod(cluster.folder, 0o711);
  }
  const options = ['-D', half, '-U', 'fanin', `--pwfile=${passwordCopy}`, '--auth=scram-sha-256', '--encoding=UTF8'];
  options.push('--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8', '--text-search-config=simple');
  if (!fsync) options.push('--no-sync');
  try {
    await promisify(execFile)(cluster.binaries.initdb, options, {
      cwd: half,
      ...(cluster.account ?? {}),
      env: { PATH: '/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' },
    });
  } catch (cause) {
    const said = (cause as { stderr?: string }).stderr
      ?.split('\n')
      .filter((line) => line.includes('error'))
      .at(-1);
    throw new FaninError(
      'CONFIG',
      `The database cluster in ${cluster.folder} could not be made: ${said ?? messageOf(cause)}`,
      { cause },
    );
  } finally {
    await rm(passwordCopy, { force: true });
  }
  crashPoints.at('start.cluster-made');
  await rename(half, cluster.cluster);
}
