import { randomBytes } from 'node:crypto';
import { mkdir, open, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { BlobStore } from '@fanin/connector-kit';
import { FaninError } from '@fanin/kernel';
import { checkKey } from './blob-key.js';
import { fileErrorCode } from './file-error.js';

/**
 * Blobs as files. A file appears under its name only when its bytes are on the disk (write beside it, fsync, rename,
 * fsync of the folder), so a crash leaves the old state or the new one and at worst a forgotten temporary file.
 */
export function createFolderBlobStore(folder: string): BlobStore {
  const pathOf = (key: string): string => join(folder, ...checkKey(key).split('/'));

  return {
    async put(key, bytes) {
      const path = pathOf(key);
      try {
        await mkdirDurably(dirname(path));
        await writeDurably(path, bytes);
      } catch (error) {
        throw away(error);
      }
    },

    async get(key, range) {
      const path = pathOf(key);
      const file = await open(path, 'r').catch((error: unknown) => {
        throw fileErrorCode(error) === 'ENOENT'
          ? new FaninError('BAD_PAYLOAD', `there is no blob ${key}`)
          : away(error);
      });
      try {
        if (range === undefined) return await file.readFile();
        const { size } = await file.stat();
        const end = Math.min(range.end, size);
        const bytes = Buffer.alloc(Math.max(0, end - range.start));
        if (bytes.length > 0) await file.read(bytes, 0, bytes.length, range.start);
        return bytes;
      } catch (error) {
        throw away(error);
      } finally {
        await file.close();
      }
    },

    async remove(key) {
      await rm(pathOf(key), { force: true }).catch((error: unknown) => {
        throw away(error);
      });
    },

    async reachable() {
      return mkdir(folder, { recursive: true })
        .then(() => stat(folder))
        .then(
          (found) => found.isDirectory(),
          () => false,
        );
    },
  };
}

async function writeDurably(path: string, bytes: Buffer): Promise<void> {
  const temporary = `${path}.${randomBytes(6).toString('hex')}.tmp`;
  const file = await open(temporary, 'wx', 0o640);
  try {
    await file.writeFile(bytes);
    await file.sync();
  } catch (error) {
    await file.close();
    await rm(temporary, { force: true });
    throw error;
  }
  await file.close();
  await rename(temporary, path);
  await syncFolder(dirname(path));
}

/** A new folder is durable once its parent is written too. */
async function mkdirDurably(folder: string): Promise<void> {
  const first = await mkdir(folder, { recursive: true, mode: 0o750 });
  if (first === undefined) return;
  for (let at = folder; at.length >= first.length; at = dirname(at)) await syncFolder(dirname(at));
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function away(error: unknown): FaninError {
  return new FaninError('TRANSIENT', `the blob folder cannot be used (${fileErrorCode(error)})`, { cause: error });
}
