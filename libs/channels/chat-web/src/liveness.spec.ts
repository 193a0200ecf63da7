import { createSystemClock } from '@fanin/kernel';
import { ChatServer } from './spec-support/chat-server.js';
import { RawSocket } from './spec-support/client-socket.js';

/** A clock whose hours pass when the test says so. */
function movableClock(): ReturnType<typeof createSystemClock> & { forward(ms: number): void } {
  const system = createSystemClock();
  let ahead = 0;
  return {
    now: () => system.now() + ahead,
    monotonicMs: () => system.monotonicMs() + ahead,
    sleep: system.sleep,
    forward: (ms) => void (ahead += ms),
  };
}

describe('liveness', () => {
  it('closes a socket that never says hello', async () => {
    const clock = movableClock();
    const server = await ChatServer.start({ clock });
    const socket = await RawSocket.open(server.url);
    if (typeof socket === 'number') throw new Error('refused');
    clock.forward(10_001);
    await socket.until(() => socket.closed !== undefined);
    expect(socket.closed?.code).toBe(4408);
    await server.stop();
  });

  it('pings a quiet socket after 25 s, keeps it when it answers, cuts it 20 s later when it does not', async () => {
    const clock = movableClock();
    const server = await ChatServer.start({ clock });
    const socket = await RawSocket.hello(server.url);
    clock.forward(25_001);
    await socket.until(() => socket.of('ping').length === 1);
    socket.send({ type: 'pong' });
    socket.message('message-0001');
    await socket.answer('message-0001');
    clock.forward(24_000);
    expect(socket.closed).toBeUndefined();
    clock.forward(2_000);
    await socket.until(() => socket.of('ping').length === 2);
    clock.forward(20_001);
    await socket.until(() => socket.closed !== undefined);
    expect(socket.closed?.code).toBe(1006);
    await server.stop();
  });
});
