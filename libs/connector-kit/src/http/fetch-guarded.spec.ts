import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { FaninError } from '@fanin/kernel';
import { fetchGuarded, type GuardedRequest, type HttpRefusal } from './fetch-guarded.js';
import { isPublicAddress, publicLookup } from './public-address.js';

const servers: Server[] = [];

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function requestFor(trusted: readonly string[], more: Partial<GuardedRequest> = {}): GuardedRequest {
  return {
    trustedOrigins: trusted,
    maxBytes: 1000,
    timeoutMs: 5_000,
    signal: AbortSignal.timeout(10_000),
    ...more,
  };
}

async function failure(work: Promise<unknown>): Promise<FaninError> {
  const error: unknown = await work.then(
    () => new Error('it resolved'),
    (reason: unknown) => reason,
  );
  if (error instanceof FaninError) return error;
  throw error;
}

afterAll(() => {
  for (const server of servers) {
    server.closeAllConnections();
    server.close();
  }
});

describe('addresses', () => {
  it.each([
    '127.0.0.1',
    '10.1.2.3',
    '172.31.0.1',
    '192.168.1.1',
    '169.254.169.254',
    '100.64.0.1',
    '0.0.0.0',
    '::1',
    '::',
  ])('%s is not public', (address) => expect(isPublicAddress(address)).toBe(false));
  it.each(['fe80::1', 'fd00::1', '::ffff:10.0.0.1', '::ffff:7f00:1', '64:ff9b::7f00:1', '2002:7f00:1::', 'nonsense'])(
    '%s is not public either',
    (address) => expect(isPublicAddress(address)).toBe(false),
  );
  it.each(['93.184.216.34', '2606:2800:220:1::1', '::ffff:8.8.8.8'])('%s is public', (address) =>
    expect(isPublicAddress(address)).toBe(true),
  );
  it('a name that leads to a private address is refused at the look-up', async () => {
    const error = await new Promise<NodeJS.ErrnoException | null>((resolve) =>
      publicLookup('localhost', {}, (reason) => resolve(reason)),
    );
    expect(error?.code).toBe('EFORBIDDEN');
  });
});

describe('fetchGuarded', () => {
  it('brings the bytes and their type', async () => {
    const origin = await serve((_, response) =>
      response.writeHead(200, { 'content-type': 'Image/PNG; q=1' }).end('bytes'),
    );
    const { content, contentType } = await fetchGuarded(`${origin}/a`, requestFor([origin]));
    expect([content.toString(), contentType]).toEqual(['bytes', 'image/png']);
  });

  it('shows the credentials to the first host only', async () => {
    const seen: (string | undefined)[] = [];
    const second = await serve((request, response) => {
      seen.push(request.headers.authorization);
      response.end('there');
    });
    const first = await serve((request, response) => {
      seen.push(request.headers.authorization);
      response.writeHead(307, { location: `${second}/b` }).end();
    });
    const request = requestFor([first, second], { authorization: 'Basic c2VjcmV0' });
    expect((await fetchGuarded(`${first}/a`, request)).content.toString()).toBe('there');
    expect(seen).toEqual(['Basic c2VjcmV0', undefined]);
  });

  it.each([
    'http://example.com/a',
    'https://127.0.0.1/a',
    'https://[::1]/a',
    'https://169.254.169.254/latest',
    'https://user:pass@example.com/',
    'https://localhost:1/',
    'ftp://example.com/',
    'no address',
  ])('refuses %s', async (address) => {
    expect((await failure(fetchGuarded(address, requestFor([])))).code).toBe('BAD_PAYLOAD');
  });

  it('refuses a private address at every hop, not only at the first', async () => {
    let reached = false;
    const inside = await serve((_, response) => {
      reached = true;
      response.end('secret');
    });
    const first = await serve((_, response) => response.writeHead(302, { location: `${inside}/` }).end());
    expect((await failure(fetchGuarded(first, requestFor([first])))).code).toBe('BAD_PAYLOAD');
    expect(reached).toBe(false);
  });

  it('ends a ring of redirects', async () => {
    const origin = await serve((_, response) => response.writeHead(302, { location: '/again' }).end());
    expect((await failure(fetchGuarded(origin, requestFor([origin])))).message).toMatch(/more than 5 times/);
  });

  it('stops at the size it was given', async () => {
    const origin = await serve((_, response) => response.end(Buffer.alloc(5_000)));
    expect((await failure(fetchGuarded(origin, requestFor([origin])))).message).toMatch(/larger than 1000 bytes/);
  });

  it('gives a silent provider no longer than it was told', async () => {
    const origin = await serve(() => undefined);
    expect((await failure(fetchGuarded(origin, requestFor([origin], { timeoutMs: 200 })))).code).toBe('TRANSIENT');
  });

  it.each([
    [401, 'AUTH'],
    [403, 'PERMISSION'],
    [404, 'BAD_PAYLOAD'],
    [410, 'BAD_PAYLOAD'],
    [500, 'TRANSIENT'],
  ])('makes of %i the code %s', async (status, code) => {
    const origin = await serve((_, response) => response.writeHead(status).end());
    const error = await failure(fetchGuarded(origin, requestFor([origin])));
    expect([error.code, (error as HttpRefusal).status]).toEqual([code, status]);
  });

  it('passes on how long a provider wants to be left alone', async () => {
    const origin = await serve((_, response) => response.writeHead(429, { 'retry-after': '7' }).end());
    const error = await failure(fetchGuarded(origin, requestFor([origin])));
    expect([error.code, error.retryAfterMs]).toEqual(['RATE_LIMITED', 7_000]);
  });
});
