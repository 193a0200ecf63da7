import type { Clock } from '@fanin/kernel';
import { OpenCounter, TokenBuckets } from './limits.js';
import { limitKey } from './peer-address.js';
import { ChatServer } from './spec-support/chat-server.js';
import { RawSocket } from './spec-support/client-socket.js';

function handClock(): Clock & { at: number } {
  const clock = { at: 0, now: () => clock.at, monotonicMs: () => clock.at, sleep: () => Promise.resolve() };
  return clock;
}

describe('token buckets', () => {
  it('give the burst at once, then the rate, and say how long to wait', () => {
    const clock = handClock();
    const buckets = new TokenBuckets(clock, 5, 3);
    expect([1, 2, 3].map(() => buckets.take('a'))).toEqual([0, 0, 0]);
    expect(buckets.take('a')).toBe(200);
    expect(buckets.take('b')).toBe(0);
    clock.at = 199;
    expect(buckets.take('a')).toBe(1);
    clock.at = 200;
    expect(buckets.take('a')).toBe(0);
    clock.at = 60_000;
    expect([1, 2, 3, 4].map(() => buckets.take('a'))).toEqual([0, 0, 0, 200]);
  });

  it('hold a bounded number of keys', () => {
    const buckets = new TokenBuckets(handClock(), 1, 2, 100);
    for (let n = 0; n < 1_000; n++) buckets.take(`key-${n}`);
    expect(buckets.size).toBeLessThanOrEqual(100);
  });
});

describe('open counters', () => {
  it('count per key and come back', () => {
    const open = new OpenCounter();
    expect([open.enter('a', 2), open.enter('a', 2), open.enter('a', 2), open.enter('b', 2)]).toEqual([
      true,
      true,
      false,
      true,
    ]);
    open.leave('a');
    expect(open.enter('a', 2)).toBe(true);
  });
});

describe('addresses that limits count by', () => {
  it.each([
    ['203.0.113.7', '203.0.113.7'],
    ['::ffff:203.0.113.7', '203.0.113.7'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:0DB8:1::9', '2001:db8:1:0::/64'],
    ['::1', '0:0:0:0::/64'],
  ])('%s → %s', (address, key) => expect(limitKey(address)).toBe(key));
});

describe('limits at the door', () => {
  it('answers 5 messages a second after a burst, each refused one with the time to wait', async () => {
    const server = await ChatServer.start();
    const socket = await RawSocket.hello(server.url);
    for (let n = 0; n < 30; n++) socket.message(`message-${n + 100}`, `number ${n}`);
    await socket.answer('message-129');
    const refused = socket.of('nack');
    // The burst is 20; each fifth of a second lets one more in.
    expect(refused.length).toBeLessThanOrEqual(10);
    expect(refused.length).toBeGreaterThanOrEqual(5);
    expect(refused[0]).toMatchObject({ code: 'rate_limited' });
    expect(refused[0]?.['retry_after_ms']).toBeGreaterThan(0);
    expect(refused[0]?.['retry_after_ms']).toBeLessThanOrEqual(200);
    expect(server.log.raw.length).toBe(30 - refused.length);
    socket.socket.close();
    await server.stop();
  });

  it('cuts a client that floods without reading answers', async () => {
    const server = await ChatServer.start({ config: { message_burst: 1000, ip_messages_per_second: 1000 } });
    server.log.jitterMs = 50;
    const socket = await RawSocket.hello(server.url);
    for (let n = 0; n < 80; n++) socket.message(`message-${n + 100}`);
    await socket.until(() => socket.closed !== undefined);
    expect(socket.closed?.code).toBe(4429);
    await server.stop();
  });

  it('limits open sockets and new visitors of one address, behind a trusted proxy too', async () => {
    const server = await ChatServer.start({
      config: { connections_per_ip: 2, new_visitors_per_ip_per_minute: 3, trusted_proxy_hops: 1 },
    });
    const from = (address: string): { headers: Record<string, string> } => ({
      headers: { 'x-forwarded-for': `6.6.6.6, ${address}` },
    });
    const one = await RawSocket.hello(server.url, {}, from('198.51.100.1'));
    const two = await RawSocket.hello(server.url, {}, from('198.51.100.1'));
    expect(await RawSocket.open(server.url, from('198.51.100.1'))).toBe(429);
    one.socket.close();
    await one.until(() => one.closed !== undefined);
    const three = await RawSocket.hello(server.url, {}, from('198.51.100.1'));
    three.socket.close();
    await three.until(() => three.closed !== undefined);
    const four = await RawSocket.hello(server.url, {}, from('198.51.100.1'));
    expect(four.closed).toMatchObject({ code: 4429 });
    const known = await RawSocket.hello(server.url, { token: two.of('welcome')[0]?.['token'] }, from('198.51.100.1'));
    expect(known.of('welcome').length).toBe(1);
    const elsewhere = await RawSocket.hello(server.url, {}, from('198.51.100.2'));
    expect(elsewhere.of('welcome').length).toBe(1);
    for (const { socket } of [two, known, elsewhere]) socket.close();
    await server.stop();
  });
});
