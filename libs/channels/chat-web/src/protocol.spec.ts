import { cleanText, parseFrame } from './parse-frame.js';
import { ChatServer } from './spec-support/chat-server.js';
import { RawSocket } from './spec-support/client-socket.js';

const hello = { type: 'hello', v: 1, account_id: 'shop', last_seq: 0 };

describe('frames', () => {
  it.each([
    ['not JSON', '{', /not JSON/],
    ['an array', '[]', /not a JSON object/],
    ['a type that does not exist', '{"type":"constructor"}', /type must be one of/],
    ['an unknown field', JSON.stringify({ ...hello, admin: true }), /hello has a field that does not exist/],
    ['a prototype key', '{"type":"typing","__proto__":{}}', /field that does not exist/],
    ['another version', JSON.stringify({ ...hello, v: 2 }), /hello\.v must be 1/],
    ['a missing position', '{"type":"hello","v":1,"account_id":"a"}', /hello\.last_seq/],
    ['a broken position', JSON.stringify({ ...hello, last_seq: 1.5 }), /hello\.last_seq/],
    ['a short message id', '{"type":"message","client_message_id":"1","text":"a"}', /client_message_id/],
    ['a text that is no text', '{"type":"message","client_message_id":"12345678","text":{}}', /message\.text/],
    [
      'a time that does not exist',
      '{"type":"message","client_message_id":"12345678","text":"a","sent_at":"2026-02-30T00:00:00Z"}',
      /sent_at/,
    ],
  ])('refuses %s', (_, json, reason) => {
    const parsed = parseFrame(json);
    expect(parsed.ok ? '' : parsed.error).toMatch(reason);
  });

  it('repeats nothing of a refused value', () => {
    const parsed = parseFrame(
      JSON.stringify({ ...hello, jwt: 'x'.repeat(9_000), account_id: 'secret-account', last_seq: 'secret' }),
    );
    expect(JSON.stringify(parsed)).not.toContain('secret');
  });

  it('cleans text: line ends, control characters, lone surrogates, edges', () => {
    expect(cleanText('  a\r\nb\rc\u0000\u001b \ud800\t!\n ')).toBe('a\nb\nc\ufffd\ufffd \ufffd\t!');
    expect(cleanText('👩‍🚀 é')).toBe('👩‍🚀 é');
  });
});

describe('a session', () => {
  let server: ChatServer;
  beforeAll(async () => {
    server = await ChatServer.start({ config: { greeting: 'Welcome!', max_text_bytes: 100 } });
  });
  afterAll(() => server.stop());

  it('welcomes, acknowledges after both appends, and shows the message to every tab', async () => {
    const one = await RawSocket.hello(server.url, { name: 'Mia', page: '/mugs' });
    const [welcome] = one.of('welcome');
    expect(welcome).toMatchObject({
      v: 1,
      seq: 0,
      verified: false,
      greeting: 'Welcome!',
      name: 'Mia',
      limits: { max_text_bytes: 100, message_burst: 20 },
    });
    expect(welcome?.['token']).toMatch(/^v1\.[A-Za-z0-9_-]{43}$/);
    const two = await RawSocket.hello(server.url, { token: welcome?.['token'] });
    expect(two.of('welcome')[0]?.['conversation_id']).toBe(welcome?.['conversation_id']);

    one.message('message-0001', 'Do the mugs go into the dishwasher?', { sent_at: '2026-11-21T08:15:30.120Z' });
    const ack = await one.answer('message-0001');
    expect(ack).toMatchObject({ type: 'ack', seq: 1 });
    expect(server.log.raw.at(-1)).toMatchObject({
      contentType: 'application/vnd.fanin.chat-message+json',
      orderKey: welcome?.['conversation_id'],
      meta: {
        conversation_id: welcome?.['conversation_id'],
        verified: 'false',
        name: 'Mia',
        page: '/mugs',
        protocol: '1',
      },
    });
    await two.until(() => two.of('event').length === 1);
    expect(two.of('event')[0]).toMatchObject({
      seq: 1,
      direction: 'inbound',
      id: 'message-0001',
      text: 'Do the mugs go into the dishwasher?',
      author: { kind: 'visitor', name: 'Mia' },
    });
    await one.until(() => one.of('event').length === 1);
    one.socket.close();
    two.socket.close();
  });

  it('gives a repeated message the same position, and shows it once', async () => {
    const socket = await RawSocket.hello(server.url);
    socket.message('message-0001', 'one');
    socket.message('message-0001', 'one');
    socket.message('message-0002', 'two');
    await socket.answer('message-0002');
    await socket.until(() => socket.of('event').length === 2);
    expect(socket.of('ack').map((ack) => ack['seq'])).toEqual([1, 1, 2]);
    expect(socket.of('event').map((event) => event['id'])).toEqual(['message-0001', 'message-0002']);
    socket.socket.close();
  });

  it('sends what is missing after last_seq, and everything when the position is not known', async () => {
    const first = await RawSocket.hello(server.url);
    const [welcome] = first.of('welcome');
    for (let n = 1; n <= 5; n++) first.message(`message-000${n}`, `number ${n}`);
    await first.answer('message-0005');
    first.socket.close();
    const known = { token: welcome?.['token'], conversation_id: welcome?.['conversation_id'] };
    const seqs = async (more: object): Promise<unknown[]> => {
      const socket = await RawSocket.hello(server.url, { ...known, ...more });
      socket.socket.close();
      return [socket.of('welcome')[0]?.['seq'], ...socket.of('event').map((event) => event['seq'])];
    };
    expect(await seqs({ last_seq: 3 })).toEqual([3, 4, 5]);
    expect(await seqs({ last_seq: 5 })).toEqual([5]);
    expect(await seqs({ last_seq: 99 })).toEqual([0, 1, 2, 3, 4, 5]);
    expect(await seqs({ last_seq: 3, conversation_id: 'another' })).toEqual([0, 1, 2, 3, 4, 5]);
  });

  it('refuses for good what can never be sent, and for now what the log does not take', async () => {
    const socket = await RawSocket.hello(server.url);
    const before = server.log.raw.length;
    socket.message('message-long', 'ü'.repeat(51));
    socket.message('message-none', ' \u0007\n'.replace('\u0007', ''));
    expect(await socket.answer('message-long')).toMatchObject({ type: 'nack', code: 'too_long', retry_after_ms: null });
    expect(await socket.answer('message-none')).toMatchObject({ type: 'nack', code: 'empty', retry_after_ms: null });
    expect(server.log.raw.length).toBe(before);
    server.log.down = true;
    socket.message('message-down', 'anybody?');
    expect(await socket.answer('message-down')).toMatchObject({
      type: 'nack',
      code: 'try_again',
      retry_after_ms: 2000,
    });
    server.log.down = false;
    socket.frames.length = 0;
    socket.message('message-down', 'anybody?');
    expect(await socket.answer('message-down')).toMatchObject({ type: 'ack', seq: 1 });
    socket.socket.close();
  });

  it('keeps typing out of the log', async () => {
    const socket = await RawSocket.hello(server.url);
    const before = server.log.raw.length;
    socket.send({ type: 'typing' });
    socket.send({ type: 'pong' });
    socket.message('message-0001');
    await socket.answer('message-0001');
    expect(server.log.raw.length).toBe(before + 1);
    socket.socket.close();
  });

  it.each([
    ['a first frame that is no hello', ['{"type":"typing"}'], 4400],
    ['a second hello', [JSON.stringify(hello), JSON.stringify(hello)], 4400],
    ['an unknown frame', [JSON.stringify(hello), '{"type":"subscribe"}'], 4400],
    ['another account than the address names', [JSON.stringify({ ...hello, account_id: 'other' })], 4400],
    ['a frame above 32 KiB', [JSON.stringify(hello), `{"type":"message","text":"${'a'.repeat(33_000)}"}`], 1009],
    ['a logout', [JSON.stringify(hello), '{"type":"logout"}'], 1000],
  ])('closes on %s', async (_, frames, code) => {
    const socket = await RawSocket.open(server.url);
    if (typeof socket === 'number') throw new Error('refused');
    for (const frame of frames) socket.send(frame);
    await socket.until(() => socket.closed !== undefined);
    expect(socket.closed?.code).toBe(code);
  });

  it('closes on a binary frame', async () => {
    const socket = await RawSocket.hello(server.url);
    socket.socket.send(Buffer.from('{"type":"typing"}'), { binary: true });
    await socket.until(() => socket.closed !== undefined);
    expect(socket.closed).toEqual({ code: 4400, reason: 'frames are text, not binary' });
  });

  it('says 1012 to open sockets when it stops', async () => {
    const other = await ChatServer.start();
    const socket = await RawSocket.hello(other.url);
    const stopped = other.stop();
    await socket.until(() => socket.closed !== undefined);
    expect(socket.closed?.code).toBe(1012);
    await stopped;
  });

  it('logs no token and no text', async () => {
    const socket = await RawSocket.hello(server.url, { name: 'Nobody Known' });
    server.log.down = true;
    socket.message('message-0001', 'a text that nobody may log');
    await socket.answer('message-0001');
    server.log.down = false;
    const said = server.host.logged.join('\n');
    expect(said).toContain('chat message could not be kept');
    for (const secret of [String(socket.of('welcome')[0]?.['token']), 'nobody may log', 'Nobody Known', '127.0.0.1'])
      expect(said).not.toContain(secret);
    socket.socket.close();
  });
});
