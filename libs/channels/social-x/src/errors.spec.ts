import { createServer, type AddressInfo } from 'node:net';
import { TwitterApi } from 'twitter-api-v2';
import { withAgent } from './client-agent.js';
import { toFaninError } from './errors.js';

/** What the SDK throws when its call is led to this port of ours. */
async function thrownAt(port: number, timeout = 5_000): Promise<unknown> {
  const detour = { host: '127.0.0.1', port, caFile: undefined };
  return withAgent(detour, undefined, (httpAgent) =>
    new TwitterApi('token', { httpAgent }).get('https://api.x.com/2/users/me', {}, { timeout }),
  ).then(
    () => undefined,
    (error: unknown) => error,
  );
}

describe('a call that X does not answer', () => {
  it('is told by its cause, and cannot have happened where nobody listens', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    await new Promise((resolve) => server.close(resolve));
    expect(toFaninError(await thrownAt(port))).toMatchObject({
      code: 'TRANSIENT',
      message: 'X did not answer: ECONNREFUSED',
      mayHaveHappened: false,
    });
  });

  it('is told by its cause, and may have happened where the connection was cut or nothing came', async () => {
    const cutting = createServer((socket) => socket.once('data', () => socket.destroy()));
    const silent = createServer((socket) => socket.on('error', () => undefined).resume());
    for (const [server, words] of [
      [cutting, /^X did not answer: ECONNRESET$/],
      [silent, /^X did not answer: Request timeout$/],
    ] as const) {
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      const { port } = server.address() as AddressInfo;
      const failure = toFaninError(await thrownAt(port, 300));
      await new Promise((resolve) => server.close(resolve));
      expect(failure).toMatchObject({
        code: 'TRANSIENT',
        message: expect.stringMatching(words),
        mayHaveHappened: true,
      });
    }
  });
});
