import { readdir } from 'node:fs/promises';
import { smallDisk, type SmallDisk } from '@fanin/test-kit';
import { createFolderBlobStore } from '../storage/folder-blob-store.js';
import { HostFixture, until, type RunningHost } from './spec-support/host-fixture.js';
import { account } from './spec-support/samples.js';
import { ScriptedProvider, scriptedChannel } from './spec-support/scripted-channels.js';

const LARGE = 400_000;

describe('an object store whose disk is full', () => {
  let fixture: HostFixture;
  let disk: SmallDisk;
  let host: RunningHost;

  beforeAll(async () => {
    [fixture, disk] = await Promise.all([HostFixture.start(), smallDisk(4_000_000)]);
    process.stdout.write(`full disk: ${disk.kind}\n`);
    await fixture.topics('full');
    const parts = { ...fixture.parts('full'), blobs: createFolderBlobStore(disk.path) };
    const channel = scriptedChannel(new ScriptedProvider(), { slug: 'social-full', capture: 'webhook' });
    host = await fixture.host(parts, [channel], [account('full-a', 'social-full')]);
  });
  afterAll(async () => {
    await host.stop();
    await fixture.stop();
    await disk.remove();
  });

  const post = async (id: string, bytes: number): Promise<[number, string | null]> => {
    const body = JSON.stringify({ id, text: 'x'.repeat(bytes) });
    const headers = { 'content-type': 'application/json', 'x-proof': 'right' };
    const { status, headers: answered } = await fetch(`${host.url}/hooks/full-a`, { method: 'POST', body, headers });
    return [status, answered.get('retry-after')];
  };

  it('makes large deliveries come again with 503, lets small ones in, and acknowledges nothing that is not stored', async () => {
    expect(await post('before', LARGE)).toEqual([202, null]);
    await disk.fill();
    expect(await post('refused', LARGE)).toEqual([503, '5']);
    expect(await post('small', 10)).toEqual([202, null]);
    expect(await post('refused', LARGE)).toEqual([503, '5']);
    expect((await fixture.raw('full')).map(({ body_ref: ref }) => ref !== null)).toEqual([true, false]);
    await disk.free();
    expect(await post('refused', LARGE)).toEqual([202, null]);
    const raw = await fixture.raw('full');
    expect(raw).toHaveLength(3);
    const blobs = createFolderBlobStore(disk.path);
    for (const { body_ref: ref, body_size: size } of raw)
      if (ref !== null) expect((await blobs.get(ref.key)).length).toBe(size);
    // Half-written files of the refused ones take no room. (The normaliser may be at a write of its own just now.)
    await until('no half-written file', async () => {
      const files = await readdir(disk.path, { recursive: true });
      return !files.some((name) => name.endsWith('.tmp'));
    });
  });
});
