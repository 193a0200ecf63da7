import { spawnSync } from 'node:child_process';
import { chmod, readdir, rm, statfs, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { temporaryFolder } from './test-database.js';

export interface SmallDisk {
  readonly path: string;
  /** How it is made full: a tmpfs without a free byte, or, where this user may not mount one, folders that refuse new files. */
  readonly kind: 'tmpfs' | 'refusing folders';
  /** From now on nothing can be written. */
  fill(): Promise<void>;
  free(): Promise<void>;
  remove(): Promise<void>;
}

/** A folder that can be made full. */
export async function smallDisk(sizeBytes: number): Promise<SmallDisk> {
  const folder = await temporaryFolder('fanin-small-disk-');
  const { path } = folder;
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${sizeBytes}`, 'none', path]).status === 0;
  if (!mounted) {
    const turn = (mode: number): Promise<void> => chmodFolders(path, mode);
    return { path, kind: 'refusing folders', fill: () => turn(0o500), free: () => turn(0o700), remove: folder.remove };
  }
  const filler = join(path, 'filler');
  return {
    path,
    kind: 'tmpfs',
    async fill() {
      const { bavail, bsize } = await statfs(path);
      // Others write there, too: what they took in between is missing now, and the disk is as full as was asked.
      await writeFile(filler, Buffer.alloc(bavail * bsize)).catch((error: NodeJS.ErrnoException) => {
        if (error.code !== 'ENOSPC') throw error;
      });
    },
    free: () => rm(filler, { force: true }),
    async remove() {
      spawnSync('umount', ['-l', path]);
      await folder.remove();
    },
  };
}

async function chmodFolders(path: string, mode: number): Promise<void> {
  await chmod(path, 0o700);
  for (const entry of await readdir(path, { withFileTypes: true }))
    if (entry.isDirectory()) await chmodFolders(join(path, entry.name), mode);
  await chmod(path, mode);
}
