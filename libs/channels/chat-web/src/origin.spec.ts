import { checkOrigins, originAllowed } from './origin.js';
import { ChatServer } from './spec-support/chat-server.js';
import { RawSocket } from './spec-support/client-socket.js';

const own = 'https://fanin.example';

describe('origins', () => {
  it.each([
    ['https://shop.example', true],
    ['https://fanin.example', true],
    ['https://evil.example', false],
    ['http://shop.example', false],
    ['https://shop.example:8443', false],
    ['https://shop.example.evil.example', false],
    ['https://sub.shop.example', false],
    ['null', false],
    [undefined, false],
  ])('%s: %s', (origin, allowed) => {
    expect(originAllowed(origin, ['self', 'https://shop.example'], own)).toBe(allowed);
  });

  it('takes a loopback address in any spelling, on its own port only', () => {
    expect(originAllowed('http://localhost:8080', ['self'], 'http://127.0.0.1:8080')).toBe(true);
    expect(originAllowed('http://localhost:8081', ['self'], 'http://127.0.0.1:8080')).toBe(false);
    expect(originAllowed('http://localhost:8080', ['self'], 'http://fanin.example:8080')).toBe(false);
  });

  it.each([[['*']], [['https://shop.example/']], [['shop.example']], [[]]])(
    'refuses the configuration %j',
    (allowed) => {
      expect(() => checkOrigins(allowed)).toThrow(/allowed_origins/);
    },
  );

  it('is checked at the handshake, and so is the account', async () => {
    const server = await ChatServer.start({ config: { allowed_origins: ['https://shop.example'] } });
    expect(await RawSocket.open(server.url, { origin: 'https://evil.example' })).toBe(403);
    expect(await RawSocket.open(server.url, { origin: undefined })).toBe(403);
    expect(await RawSocket.open(server.url, { origin: server.url })).toBe(403);
    expect(await RawSocket.open(server.url, { origin: 'https://shop.example', account: 'other' })).toBe(404);
    const socket = await RawSocket.hello(server.url, {}, { origin: 'https://shop.example' });
    expect(socket.of('welcome').length).toBe(1);
    socket.socket.close();
    await server.stop();
  });
});
