import { SendUncertain } from '@fanin/connector-kit';
import { FaninError } from '@fanin/kernel';
import type { HostTimings } from './host-settings.js';
import { clock, HostFixture, until, type RunningHost } from './spec-support/host-fixture.js';
import { account, reply } from './spec-support/samples.js';
import { ScriptedProvider, scriptedChannel } from './spec-support/scripted-channels.js';

describe('deliverer', () => {
  let fixture: HostFixture;
  let hosts: RunningHost[] = [];

  beforeAll(async () => {
    fixture = await HostFixture.start();
  });
  afterEach(async () => {
    await Promise.all(hosts.map((host) => host.stop()));
    hosts = [];
  });
  afterAll(() => fixture.stop());

  const start = async (
    prefix: string,
    provider: ScriptedProvider,
    sending: 'once' | 'idempotent',
    timings: Partial<HostTimings> = {},
  ): Promise<void> => {
    await fixture.topics(prefix);
    const channel = scriptedChannel(provider, { slug: `social-${prefix}`, capture: 'webhook', sending });
    const accounts = [account(`${prefix}-a`, `social-${prefix}`)];
    hosts.push(await fixture.host(fixture.parts(prefix, { timings }), [channel], accounts));
  };
  const message = (prefix: string, id: string, room = 'room', text = 'Hello') =>
    reply(`${prefix}-${id}`, `${prefix}-a`, `social-${prefix}`, room, text);
  const statuses = async (prefix: string): Promise<Record<string, string>> =>
    Object.fromEntries((await fixture.receipts(prefix)).map((r) => [r.outbound_id.slice(prefix.length + 1), r.status]));

  it('sends each reply once, in the order of its conversation, and tells what became of it', async () => {
    const provider = new ScriptedProvider();
    await start('d1', provider, 'once');
    const ids = Array.from({ length: 10 }, (_, i) => String(i));
    await fixture.send('d1', ...ids.map((id) => message('d1', id)));
    await fixture.send('d1', message('d1', '3'), message('d1', '4'));
    await until('all sent', async () => (await fixture.receipts('d1')).length === 10);
    expect(provider.sent).toEqual(ids.map((id) => `d1-${id}`));
    expect((await fixture.receipts('d1'))[0]).toMatchObject({
      outbound_id: 'd1-0',
      status: 'sent',
      provider_message_id: 'p-d1-0',
      tenant: 'shop',
      account_id: 'd1-a',
      code: null,
    });
  });

  it('sends a reply whose text is cut through an emoji or holds a NUL', async () => {
    const provider = new ScriptedProvider();
    await start('d0', provider, 'once');
    await fixture.send('d0', message('d0', 'cut', 'room', 'Thanks \ud83d'), message('d0', 'nul', 'room', 'a\u0000b'));
    await until('both sent', async () => (await fixture.receipts('d0')).length === 2);
    expect(await statuses('d0')).toEqual({ cut: 'sent', nul: 'sent' });
  });

  it('tries again what certainly did not go out, and holds up no other conversation', async () => {
    const provider = new ScriptedProvider();
    let refusals = 3;
    provider.onSend = async (id) => {
      if (id === 'd2-slow' && refusals-- > 0) throw new FaninError('TRANSIENT', 'busy');
    };
    await start('d2', provider, 'once');
    await fixture.send('d2', message('d2', 'slow', 'r1'), message('d2', 'behind', 'r1'), message('d2', 'other', 'r2'));
    await until('all sent', async () => (await fixture.receipts('d2')).length === 3);
    expect(await statuses('d2')).toEqual({ slow: 'sent', behind: 'sent', other: 'sent' });
    expect(provider.sent.filter((id) => id === 'd2-slow')).toHaveLength(4);
    expect(provider.sent.indexOf('d2-other')).toBeLessThan(provider.sent.lastIndexOf('d2-slow'));
    expect(provider.sent.at(-1)).toBe('d2-behind');
  });

  it.each([
    ['once', 'unknown', 1],
    ['idempotent', 'sent', 2],
  ] as const)('a %s channel that may have sent becomes %s after %i calls', async (sending, status, calls) => {
    const prefix = `d3${sending}`;
    const provider = new ScriptedProvider();
    let first = true;
    provider.onSend = async () => {
      if (!first) return;
      first = false;
      throw new SendUncertain('the connection broke after DATA');
    };
    await start(prefix, provider, sending);
    await fixture.send(prefix, message(prefix, 'x'));
    await until('told', async () => (await fixture.receipts(prefix)).length === 1);
    expect(await statuses(prefix)).toEqual({ x: status });
    expect(provider.sent).toHaveLength(calls);
  });

  it.each([
    ['once', 'unknown', 0],
    ['idempotent', 'sent', 1],
  ] as const)('a reply that a dead process had taken becomes %s → %s', async (sending, status, calls) => {
    const prefix = `d4${sending}`;
    const provider = new ScriptedProvider();
    await fixture.database.transaction('*', (client) =>
      client.query(
        `INSERT INTO channels.outbound (outbound_id, tenant, account_id, channel_slug, conversation, message, state, attempts, held_until)
         VALUES ($1, 'shop', $2, $3, 'room', $4, 'sending', 1, now() - interval '1 second')`,
        [`${prefix}-x`, `${prefix}-a`, `social-${prefix}`, JSON.stringify(message(prefix, 'x'))],
      ),
    );
    await start(prefix, provider, sending);
    await until('told', async () => (await fixture.receipts(prefix)).length === 1);
    expect(await statuses(prefix)).toEqual({ x: status });
    expect(provider.sent).toHaveLength(calls);
  });

  it('counts a provider that never answers as uncertain', async () => {
    const provider = new ScriptedProvider();
    provider.onSend = () => new Promise(() => undefined);
    // A reply is held for twice as long: a machine that stalls for less leaves it to who sends it.
    await start('d5', provider, 'once', { sendTimeoutMs: 5_000 });
    await fixture.send('d5', message('d5', 'x'));
    await until('told', async () => (await fixture.receipts('d5')).length === 1);
    expect((await fixture.receipts('d5'))[0]).toMatchObject({
      status: 'unknown',
      reason: expect.stringContaining('did not answer'),
    });
    expect(provider.sent).toHaveLength(1);
  });

  it('tells why a reply cannot be sent', async () => {
    const provider = new ScriptedProvider();
    provider.onSend = async (id) => {
      if (id.endsWith('auth')) throw new FaninError('AUTH', 'login refused');
      if (id.endsWith('busy')) throw new FaninError('TRANSIENT', 'busy');
    };
    await start('d6', provider, 'once');
    await fixture.send(
      'd6',
      message('d6', 'auth', 'a'),
      message('d6', 'busy', 'b'),
      message('d6', 'long', 'c', 'x'.repeat(101)),
      { ...message('d6', 'gone', 'd'), account_id: 'd6-gone' },
    );
    await until('all told', async () => (await fixture.receipts('d6')).length === 4);
    const told = Object.fromEntries(
      (await fixture.receipts('d6')).map((r) => [r.outbound_id, [r.status, r.code, r.reason]]),
    );
    expect(told).toEqual({
      'd6-auth': ['failed', 'AUTH', 'login refused'],
      'd6-busy': ['failed', 'TRANSIENT', 'given up after 4 attempts: busy'],
      'd6-long': ['failed', 'UNSUPPORTED', expect.stringContaining('101 characters')],
      'd6-gone': ['failed', 'CONFIG', expect.stringContaining('not in the configuration')],
    });
    await until('noted', async () => (await fixture.state('d6-a'))?.notices.length === 1);
    expect((await fixture.state('d6-a'))?.notices).toMatchObject([
      { code: 'AUTH', message: 'a reply could not be sent: login refused' },
    ]);
  });

  it('lets two replicas share the work without sending twice', async () => {
    const providers = [new ScriptedProvider(), new ScriptedProvider()];
    for (const provider of providers) {
      provider.onSend = () => clock.sleep(5);
      await start('d7', provider, 'once');
    }
    const all = Array.from({ length: 60 }, (_, i) => message('d7', String(i), `room-${i % 7}`));
    await fixture.send('d7', ...all);
    await until('all sent', async () => (await fixture.receipts('d7')).length >= 60);
    const sent = providers.flatMap((provider) => provider.sent);
    expect(sent.sort()).toEqual(all.map(({ outbound_id: id }) => id).sort());
    expect(await fixture.receipts('d7')).toHaveLength(60);
  });
});
