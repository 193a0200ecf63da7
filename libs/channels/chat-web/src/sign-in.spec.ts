import type { OutboundMessageV1 } from '@fanin/contracts';
import { ChatServer } from './spec-support/chat-server.js';
import { RawSocket, type AnyFrame } from './spec-support/client-socket.js';
import { SECRET, visitorToken } from './spec-support/client-tokens.js';

const config = { jwt_keys: [{ kid: 'new', alg: 'HS256', key: SECRET }] };

function reply(conversation: unknown, id: string, more: Partial<OutboundMessageV1> = {}): OutboundMessageV1 {
  return {
    outbound_id: id,
    tenant: 'default',
    account_id: 'shop',
    channel: 'chat',
    channel_slug: 'chat-web',
    ticket_id: 'ticket-1',
    ticket_number: 1,
    conversation_key: String(conversation),
    kind: 'reply',
    to: [],
    author_name: 'Robin',
    subject: null,
    text: `reply ${id}`,
    attachments: [],
    in_reply_to: null,
    references: [],
    provider_fields: {},
    created_at: '2026-11-21T08:15:30.120Z',
    ...more,
  };
}

describe('signing in and out', () => {
  let server: ChatServer;
  beforeEach(async () => {
    server = await ChatServer.start({ config });
  });
  afterEach(() => server.stop());

  const deliver = (message: OutboundMessageV1): Promise<unknown> => {
    if (server.instance.deliver === undefined) throw new Error('no deliver');
    return server.instance.deliver.send(message, {
      signal: new AbortController().signal,
      attachment: () => Promise.reject(new Error('none')),
    });
  };
  const welcomeOf = (socket: RawSocket): AnyFrame => socket.of('welcome')[0] ?? {};
  const texts = (socket: RawSocket): unknown[] => socket.of('event').map((event) => event['text']);

  it('makes the anonymous conversation the signed visitor’s, and cuts it off for the token alone', async () => {
    const before = await RawSocket.hello(server.url);
    const { token, conversation_id } = welcomeOf(before);
    before.message('message-0001', 'before');
    await before.answer('message-0001');

    const after = await RawSocket.hello(server.url, { token, jwt: await visitorToken() });
    expect(welcomeOf(after)).toMatchObject({ conversation_id, token: null, verified: true, name: 'Mia Kern' });
    await before.until(() => before.closed !== undefined);
    expect(before.closed?.code).toBe(4410);
    after.message('message-0002', 'after');
    await after.answer('message-0002');
    expect(server.log.raw.at(-1)?.meta).toMatchObject({
      verified: 'true',
      visitor_id: 'user:customer-17',
      email: 'mia@example.org',
    });

    const thief = await RawSocket.hello(server.url, { token, conversation_id, last_seq: 1 });
    expect(welcomeOf(thief)['conversation_id']).not.toBe(conversation_id);
    expect(welcomeOf(thief)['token']).not.toBe(token);
    expect(texts(thief)).toEqual([]);

    const elsewhere = await RawSocket.hello(server.url, { jwt: await visitorToken() });
    expect(texts(elsewhere)).toEqual(['before', 'after']);
    for (const { socket } of [after, thief, elsewhere]) socket.close();
  });

  it('does not give a visitor’s conversation to somebody else who shows the same token', async () => {
    const before = await RawSocket.hello(server.url);
    const { token, conversation_id } = welcomeOf(before);
    before.message('message-0001', 'mine');
    await before.answer('message-0001');
    const owner = await RawSocket.hello(server.url, { token, jwt: await visitorToken() });
    const other = await RawSocket.hello(server.url, { token, jwt: await visitorToken({ sub: 'customer-18' }) });
    expect(welcomeOf(owner)['conversation_id']).toBe(conversation_id);
    expect(welcomeOf(other)['conversation_id']).not.toBe(conversation_id);
    expect(texts(other)).toEqual([]);
    for (const { socket } of [owner, other]) socket.close();
  });

  it('joins an anonymous conversation to the one the visitor has, with replies that are still under way', async () => {
    const home = await RawSocket.hello(server.url, { jwt: await visitorToken() });
    home.message('message-home', 'from the laptop');
    await home.answer('message-home');
    const phone = await RawSocket.hello(server.url);
    const { token, conversation_id: anonymous } = welcomeOf(phone);
    phone.message('message-anon', 'from the phone');
    await phone.answer('message-anon');
    await deliver(reply(anonymous, 'outbound-1'));

    const joined = await RawSocket.hello(server.url, { token, jwt: await visitorToken() });
    expect(welcomeOf(joined)['conversation_id']).toBe(welcomeOf(home)['conversation_id']);
    expect(texts(joined)).toEqual(['from the laptop', 'from the phone', 'reply outbound-1']);
    await deliver(reply(anonymous, 'outbound-2'));
    await deliver(reply(anonymous, 'outbound-2'));
    await joined.until(() => joined.of('event').length === 4);
    await home.until(() => home.of('event').length === 4);
    expect(texts(home)).toEqual(['from the laptop', 'from the phone', 'reply outbound-1', 'reply outbound-2']);

    // Sent anonymously, taken into the log, but its ack got lost: tried again after the join it is the same message.
    joined.message('message-anon', 'from the phone', { conversation_id: anonymous });
    expect(await joined.answer('message-anon')).toMatchObject({ type: 'ack', seq: 2 });
    const ids = await Promise.all(
      server.log.raw.map(async (raw, index) => {
        const delivery = {
          ...raw,
          deliveryId: `d-${index}`,
          tenant: 'default',
          accountId: 'shop',
          receivedAt: '2026-11-21T08:15:30.120Z',
        };
        return (await server.instance.normalise(delivery)).messages[0]?.provider_message_id;
      }),
    );
    expect(ids[2]).toBe(ids[1]);
    expect(new Set(ids).size).toBe(2);
    for (const { socket } of [home, phone, joined]) socket.close();
  });

  it('refuses a bad token with 4401 and a reason, and ends a session when its token ends', async () => {
    const bad = await RawSocket.hello(server.url, { jwt: await visitorToken({ aud: 'other' }) });
    expect(bad.closed).toMatchObject({ code: 4401, reason: expect.stringMatching(/aud/) as string });
    const short = await RawSocket.hello(server.url, { jwt: await visitorToken({ exp: 1 }) });
    expect(welcomeOf(short)['verified']).toBe(true);
    await short.until(() => short.closed !== undefined);
    expect(short.closed).toMatchObject({ code: 4401, reason: 'the visitor token has expired' });
  });

  it('takes no anonymous visitor where identity is required', async () => {
    const strict = await ChatServer.start({ config: { ...config, identity: 'required' } });
    const anonymous = await RawSocket.hello(strict.url);
    expect(anonymous.closed?.code).toBe(4401);
    const signed = await RawSocket.hello(strict.url, { jwt: await visitorToken() });
    expect(welcomeOf(signed)['verified']).toBe(true);
    signed.socket.close();
    await strict.stop();
    await expect(ChatServer.start({ config: { identity: 'required' } })).rejects.toThrow(/jwt_keys is empty/);
  });

  it('delivers a reply once however often it is sent, to a visitor who is away too', async () => {
    const visitor = await RawSocket.hello(server.url);
    const { conversation_id, token } = welcomeOf(visitor);
    const sent = await Promise.all(
      [1, 2, 3].map(() => deliver(reply(conversation_id, 'outbound-1', { text: 'Yes.\u0000\r\n' }))),
    );
    expect(sent[0]).toEqual({ status: 'sent', providerMessageId: `${String(conversation_id)}:outbound-1` });
    await visitor.until(() => visitor.of('event').length > 0);
    visitor.socket.close();
    await visitor.until(() => visitor.closed !== undefined);
    await deliver(reply(conversation_id, 'outbound-2', { kind: 'automatic', author_name: null }));
    const later = await RawSocket.hello(server.url, { token, conversation_id, last_seq: 1 });
    expect(visitor.of('event')).toMatchObject([
      { seq: 1, direction: 'outbound', id: 'outbound-1', text: 'Yes.\ufffd', author: { kind: 'agent', name: 'Robin' } },
    ]);
    expect(later.of('event')).toMatchObject([{ seq: 2, id: 'outbound-2', author: { kind: 'automatic', name: null } }]);
    expect(await deliver(reply(conversation_id, 'outbound-3', { text: 'x'.repeat(8_001) }))).toMatchObject({
      status: 'failed',
      code: 'BAD_PAYLOAD',
    });
    later.socket.close();
  });
});
