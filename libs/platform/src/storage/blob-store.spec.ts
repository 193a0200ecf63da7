import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BlobStore } from '@fanin/connector-kit';
import { createFolderBlobStore } from './folder-blob-store.js';
import { requireWritable } from './open-blob-store.js';
import { createS3BlobStore } from './s3-blob-store.js';

/** The few calls of the S3 REST API that the store makes, path style, in memory. */
class LoopbackS3 {
  readonly objects = new Map<string, Buffer>();
  readonly authorizations: string[] = [];
  failWith: number | undefined;
  private readonly server: Server = createServer((request, response) => void this.answer(request, response));

  async start(): Promise<string> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body: Buffer[] = [];
    for await (const chunk of request) body.push(chunk as Buffer);
    this.authorizations.push(request.headers.authorization ?? '');
    if (this.failWith !== undefined) return void response.writeHead(this.failWith).end();
    const path = (request.url ?? '').split('?')[0] ?? '';
    if (request.method === 'HEAD')
      return void response.writeHead(path.replace(/\/$/, '') === '/bucket' ? 200 : 404).end();
    if (request.method === 'PUT') this.objects.set(path, Buffer.concat(body));
    if (request.method === 'DELETE') this.objects.delete(path);
    if (request.method !== 'GET') return void response.writeHead(request.method === 'DELETE' ? 204 : 200).end();
    this.get(path, request.headers.range, response);
  }

  private get(path: string, range: string | undefined, response: ServerResponse): void {
    const found = this.objects.get(path);
    const error = '<?xml version="1.0"?><Error><Code>NoSuchKey</Code><Message>none</Message></Error>';
    if (found === undefined) return void response.writeHead(404, { 'content-type': 'application/xml' }).end(error);
    const [, from, to] = /^bytes=(\d+)-(\d+)$/.exec(range ?? '') ?? [];
    if (from === undefined) return void response.writeHead(200).end(found);
    if (Number(from) >= found.length) return void response.writeHead(416).end();
    response.writeHead(206).end(found.subarray(Number(from), Number(to) + 1));
  }
}

const s3 = new LoopbackS3();
let folder: string;
let endpoint: string;
const stores: Record<string, BlobStore> = {};
let closeS3: () => void = () => undefined;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'fanin-blobs-'));
  endpoint = await s3.start();
  const store = createS3BlobStore(configFor('bucket'));
  closeS3 = () => store.close();
  Object.assign(stores, { folder: createFolderBlobStore(join(folder, 'objects')), s3: store });
});
afterAll(async () => {
  closeS3();
  await s3.stop();
  rmSync(folder, { recursive: true });
});

function configFor(bucket: string) {
  return {
    endpoint,
    region: 'eu-central-1',
    bucket,
    access_key_id: 'key',
    secret_access_key: 'secret',
    force_path_style: true,
  };
}

describe.each(['folder', 's3'])('the blob store in %s', (kind) => {
  const store = (): BlobStore => stores[kind] as BlobStore;
  const bytes = Buffer.from([0, 1, 2, 250, 251, 252, 10, 13]);

  it('gives back the bytes, all or a range, also when they were put twice', async () => {
    await store().put('raw/2026/a-1', bytes);
    await store().put('raw/2026/a-1', bytes);
    expect(await store().get('raw/2026/a-1')).toEqual(bytes);
    expect(await store().get('raw/2026/a-1', { start: 3, end: 6 })).toEqual(bytes.subarray(3, 6));
    expect(await store().get('raw/2026/a-1', { start: 6, end: 100 })).toEqual(bytes.subarray(6));
    expect(await store().get('raw/2026/a-1', { start: 4, end: 4 })).toEqual(Buffer.alloc(0));
    expect(await store().get('raw/2026/a-1', { start: 50, end: 60 })).toEqual(Buffer.alloc(0));
  });

  it('calls what is not there BAD_PAYLOAD, and removes what is not there', async () => {
    await expect(store().get('none')).rejects.toMatchObject({ code: 'BAD_PAYLOAD' });
    await store().put('gone', bytes);
    await store().remove('gone');
    await store().remove('gone');
    await expect(store().get('gone')).rejects.toMatchObject({ code: 'BAD_PAYLOAD' });
  });

  it('keeps an empty blob', async () => {
    await store().put('empty', Buffer.alloc(0));
    expect(await store().get('empty')).toEqual(Buffer.alloc(0));
  });

  it.each(['../up', 'a/../../b', '/root', 'a//b', 'a b', 'ä', '.', ''])('refuses the key %j', async (key) => {
    await expect(store().put(key, bytes)).rejects.toThrow(TypeError);
  });

  it('is reachable', async () => {
    expect(await store().reachable(1_000)).toBe(true);
  });
});

describe('the folder store', () => {
  it('leaves no temporary file behind', async () => {
    await stores['folder']?.put('tidy/one', Buffer.from('x'));
    expect(readdirSync(join(folder, 'objects', 'tidy'))).toEqual(['one']);
  });

  it('is tried without harm beside another process of the same number, as each is 1 in its container', async () => {
    const shared = join(folder, 'shared');
    let over = false;
    const other = (async (): Promise<void> => {
      while (!over) await rm(join(shared, `.probe-${process.pid}`), { force: true });
    })();
    try {
      for (let n = 0; n < 100; n += 1) await requireWritable(shared);
    } finally {
      over = true;
      await other;
    }
    expect(readdirSync(shared)).toEqual([]);
  });

  it('calls a folder that cannot be used TRANSIENT at work and CONFIG at the start', async () => {
    const file = join(folder, 'a-file');
    writeFileSync(file, '');
    await expect(createFolderBlobStore(file).put('x', Buffer.from('x'))).rejects.toMatchObject({ code: 'TRANSIENT' });
    expect(await createFolderBlobStore(file).reachable(100)).toBe(false);
    await expect(requireWritable(join(file, 'below'))).rejects.toThrow(/cannot be written \(ENOTDIR\)/);
  });
});

describe('the S3 store', () => {
  it('signs its requests', async () => {
    await stores['s3']?.put('signed', Buffer.from('x'));
    expect(s3.authorizations.at(-1)).toMatch(/^AWS4-HMAC-SHA256 Credential=key\/\d{8}\/eu-central-1\/s3\/aws4_request/);
  });

  it('tells bad credentials from a store that does not answer', async () => {
    s3.failWith = 403;
    await expect(stores['s3']?.put('x', Buffer.from('x'))).rejects.toMatchObject({ code: 'AUTH' });
    s3.failWith = 503;
    await expect(stores['s3']?.get('x')).rejects.toMatchObject({ code: 'TRANSIENT' });
    s3.failWith = undefined;
    const elsewhere = createS3BlobStore(configFor('another'));
    expect(await elsewhere.reachable(1_000)).toBe(false);
    elsewhere.close();
  });
});
