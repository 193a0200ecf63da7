import { randomUUID } from 'node:crypto';
import { mkdir, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { BlobStore } from '@fanin/connector-kit';
import { FaninError } from '@fanin/kernel';
import type { StorageConfig } from '../config/fanin-config.js';
import { fileErrorCode } from './file-error.js';
import { createFolderBlobStore } from './folder-blob-store.js';

export interface OpenBlobStore {
  readonly store: BlobStore;
  close(): void;
}

/** The store that the configuration names. CONFIG when its folder cannot be written. */
export async function openBlobStore(config: StorageConfig): Promise<OpenBlobStore> {
  if (config.s3 !== undefined) {
    const { createS3BlobStore } = await import('./s3-blob-store.js');
    const store = createS3BlobStore(config.s3);
    return { store, close: () => store.close() };
  }
  if (config.folder === undefined) throw new FaninError('CONFIG', 'storage needs a folder or s3');
  await requireWritable(config.folder);
  return { store: createFolderBlobStore(config.folder), close: () => undefined };
}

/** One level after the other: Node's recursive mkdir never returns where a file system refuses with ENOENT (/proc). */
async function makeFolder(folder: string): Promise<void> {
  if ((await stat(folder).catch(() => undefined)) !== undefined) return;
  const parent = dirname(folder);
  if (parent !== folder) await makeFolder(parent);
  await mkdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error;
  });
}

/** Tries it now, so that the first message is not the one to find out. */
export async function requireWritable(folder: string): Promise<void> {
  // Several may try at once, and in containers each of them is process 1.
  const probe = join(folder, `.probe-${randomUUID()}`);
  try {
    await makeFolder(folder);
    await writeFile(probe, '');
    await rm(probe);
  } catch (error) {
    throw new FaninError(
      'CONFIG',
      `The folder ${folder} cannot be written (${fileErrorCode(error)}). Name another or give this user the right to write there.`,
      { cause: error },
    );
  }
}
