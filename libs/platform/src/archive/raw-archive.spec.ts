import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSystemClock, silentLogger } from '@fanin/kernel';
import { startTestDatabase, type TestDatabase } from '@fanin/test-kit';
import type { Database } from '../database/database.js';
import { openDatabase } from '../database/open-database.js';
import { PLATFORM_PART } from '../database/platform-part.js';
import { prepareServiceRole } from '../database/service-role.js';
import { createFolderBlobStore } from '../storage/folder-blob-store.js';
import { createRawArchive } from './postgres-raw-archive.js';
import type { ArchivedDelivery, RawArchive } from './raw-archive.js';

describe('raw archive', () => {
  const clock = createSystemClock();
  let server: TestDatabase;
  let database: Database;
  let archive: RawArchive;
  let folder: string;
  const delivery = (deliveryId: string, tenant: string, body: string): ArchivedDelivery => ({
    deliveryId,
    tenant,
    contentType: 'message/rfc822',
    body: Buffer.from(body),
  });
  const segments = async (): Promise<number> =>
    (await database.transaction('*', (client) => client.query('SELECT DISTINCT segment FROM platform.raw_index'))).rows
      .length;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'fanin-archive-'));
    server = await startTestDatabase();
    database = await openDatabase({
      url: await prepareServiceRole(server.url),
      parts: [PLATFORM_PART],
      clock,
      logger: silentLogger,
    });
    archive = createRawArchive(database, createFolderBlobStore(folder), clock);
  });
  afterAll(async () => {
    await database.close();
    await server.stop();
    rmSync(folder, { recursive: true });
  });

  it('packs a batch into one segment and gives each delivery back to its tenant only', async () => {
    await archive.store([delivery('1', 'a', 'one'), delivery('2', 'b', 'second'), delivery('3', 'a', '')]);
    expect(await segments()).toBe(1);
    expect(await archive.read('a', '1')).toEqual({ body: Buffer.from('one'), contentType: 'message/rfc822' });
    expect(await archive.read('b', '2')).toMatchObject({ body: Buffer.from('second') });
    expect(await archive.read('a', '3')).toMatchObject({ body: Buffer.alloc(0) });
    expect(await archive.read('a', '2')).toBeNull();
    expect(await archive.read('*', '2')).not.toBeNull();
    expect(await archive.read('a', 'none')).toBeNull();
  });

  it('keeps the first bytes of a delivery that comes again, alone or within a batch', async () => {
    await archive.store([delivery('1', 'a', 'other'), delivery('4', 'a', 'four'), delivery('4', 'a', 'again')]);
    await archive.store([delivery('1', 'a', 'other')]);
    expect(await segments()).toBe(2);
    expect((await archive.read('a', '1'))?.body.toString()).toBe('one');
    expect((await archive.read('a', '4'))?.body.toString()).toBe('four');
  });
});
