import { FaninError } from '@fanin/kernel';
import { clock, HostFixture, until, type RunningHost } from './spec-support/host-fixture.js';
import { account, reply } from './spec-support/samples.js';
import { switchableBus } from './spec-support/switchable-bus.js';
import { ScriptedProvider, scriptedChannel, type ScriptOptions } from './spec-support/scripted-channels.js';

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
  options: Partial<ScriptOptions>,
  parts = fixture.parts(prefix),
): Promise<RunningHost> => {
  await fixture.topics(prefix);
  const channel = scriptedChannel(provider, { slug: `social-${prefix}`, capture: 'webhook', ...options });
  const accounts = [account(`${prefix}-a`, `social-${prefix}`), account(`${prefix}-b`, `social-${prefix}`)];
  const host = await fixture.host(parts, [channel], accounts);
  hosts.push(host);
  return host;
};
const stateOf = async (id: string): Promise<string | undefined> => (await fixture.state(id))?.state;
const states = async (id: string, ...wanted: string[]): Promise<void> =>
  until(`${id} is ${wanted.join(' or ')}`, async () => wanted.includes((await stateOf(id)) ?? ''));
const post = (host: RunningHost, path: string, body = '{"id":"by hook"}') =>
  fetch(`${host.url}/hooks/${path}`, { method: 'POST', body, headers: { 'x-proof': 'right' } });

describe('second door', () => {
  it('lists what the first one missed, from its own mark, and tells the state', async () => {
    const provider = new ScriptedProvider();
    provider.mailbox.push('{"id":"1"}', '{"id":"2"}', '{"id":"3"}');
    const host = await start('door1', provider, { reconcile: true });
    await states('door1-a', 'connected');
    await until('marked', async () => (await fixture.cursor('door1-a')) === '3');
    expect((await post(host, 'door1-a')).status).toBe(202);
    const bodies = (await fixture.raw('door1'))
      .filter(({ account_id: id }) => id === 'door1-a')
      .map(({ body }) => body);
    expect(bodies).toEqual(['{"id":"1"}', '{"id":"2"}', '{"id":"3"}', '{"id":"by hook"}']);
  });

  it('shows revoked credentials, tries them again, and goes on from the mark when they are repaired', async () => {
    const provider = new ScriptedProvider();
    provider.mailbox.push('{"id":"1"}');
    const host = await start('door2', provider, { reconcile: true });
    await until('marked', async () => (await fixture.cursor('door2-a')) === '1');
    await host.stop();
    hosts = [];
    provider.failure = new FaninError('AUTH', 'the token was revoked');
    const seen = new Set<string | undefined>();
    await start('door2', provider, { reconcile: true });
    await states('door2-a', 'bad_credentials');
    const shown = await fixture.state('door2-a');
    expect(shown).toMatchObject({ code: 'AUTH', reason: 'the token was revoked', next_attempt_at: expect.any(Date) });
    expect(shown?.action).toContain('by themselves');
    const tried = provider.polls.length;
    await until('tried again', () => provider.polls.length > tried + 3);
    // A delivery by the first door proves nothing about our credentials.
    expect((await post(hosts[0] as RunningHost, 'door2-a')).status).toBe(202);
    expect(await stateOf('door2-a')).toBe('bad_credentials');
    provider.mailbox.push(...Array.from({ length: 40 }, (_, i) => `{"id":"while away ${i}"}`));
    provider.failure = undefined;
    await until('caught up', async () => {
      seen.add(await stateOf('door2-a'));
      return (await fixture.cursor('door2-a')) === '41';
    });
    await states('door2-a', 'connected');
    expect(seen).toContain('backfilling');
    const away = (await fixture.raw('door2')).filter(
      ({ account_id: id, body }) => id === 'door2-a' && body?.includes('while away'),
    );
    expect(away).toHaveLength(40);
    expect(await fixture.state('door2-a')).toMatchObject({ code: null, next_attempt_at: null, action: null });
  });

  it('is knocked at as soon as the log is back when the first had to refuse', async () => {
    const log = switchableBus(fixture.bus);
    const provider = new ScriptedProvider();
    const host = await start('door3', provider, { reconcile: true }, fixture.parts('door3', { bus: log.bus }));
    await states('door3-a', 'connected');
    log.down = true;
    provider.mailbox.push('{"id":"refused"}');
    expect((await post(host, 'door3-a', '{"id":"refused"}')).status).toBe(503);
    await states('door3-a', 'degraded');
    log.down = false;
    await until('listed', async () => (await fixture.cursor('door3-a')) === '1');
    await states('door3-a', 'connected');
  });

  it('is opened by one of two replicas, whose word on the state stays', async () => {
    const [first, second] = [new ScriptedProvider(), new ScriptedProvider()];
    first.failure = new FaninError('PERMISSION', 'the right pages_messaging is missing');
    // A machine that stalls must not let the lease go.
    const patient = () => fixture.parts('door4', { timings: { leaseMs: 15_000 } });
    const one = await start('door4', first, { reconcile: true }, patient());
    await states('door4-a', 'failed');
    second.mailbox.push('{"id":"1"}');
    await start('door4', second, { reconcile: true }, patient());
    const tried = first.polls.length;
    await until('the first goes on', () => first.polls.length > tried + 3);
    expect([second.polls.length, await stateOf('door4-a')]).toEqual([0, 'failed']);
    hosts = hosts.filter((host) => host !== one);
    await one.stop();
    await states('door4-a', 'connected');
    expect(second.polls.length).toBeGreaterThan(0);
  });

  it('stays degraded since the first failure while one of its jobs fails and the others find nothing', async () => {
    const provider = new ScriptedProvider();
    let isFailing = true;
    let rounds = 0;
    provider.onPoll = (cursor) => {
      rounds += 1;
      if (isFailing && rounds % 2 === 1) throw new FaninError('TRANSIENT', 'the mentions are away');
      return { deliveries: [], cursor: cursor ?? '0', more: isFailing };
    };
    await start('door6', provider, { reconcile: true }, fixture.parts('door6', { timings: { leaseMs: 15_000 } }));
    await states('door6-a', 'degraded');
    await states('door6-b', 'degraded');
    const { since } = (await fixture.state('door6-a')) ?? {};
    const seen = new Set<string | undefined>();
    const before = rounds;
    await until('tried ten times', async () => {
      seen.add(await stateOf('door6-a'));
      return rounds > before + 20;
    });
    expect([...seen]).toEqual(['degraded']);
    expect((await fixture.state('door6-a'))?.since).toEqual(since);
    isFailing = false;
    await states('door6-a', 'connected');
  });

  it('asks less and less often while what it finds cannot be kept, however well its other jobs go', async () => {
    const provider = new ScriptedProvider();
    const tries: number[] = [];
    let turns = 0;
    provider.onPoll = (cursor) => {
      turns += 1;
      if (turns % 3 !== 0) return { deliveries: [], cursor: cursor ?? '0', more: true };
      tries.push(performance.now());
      const body = Buffer.from('{"id":"found"}');
      return { deliveries: [{ body, contentType: 'application/json', meta: {} }], cursor: '1', more: false };
    };
    const timings = { emitTimeoutMs: 10, backOffBaseMs: 100, backOffMaxMs: 5_000, leaseMs: 15_000 };
    const parts = fixture.parts('door8', { timings });
    const log = switchableBus(parts.bus);
    log.down = true;
    await fixture.topics('door8');
    const channel = scriptedChannel(provider, { slug: 'social-door8', capture: 'webhook', reconcile: true });
    hosts.push(await fixture.host({ ...parts, bus: log.bus }, [channel], [account('door8-a', 'social-door8')]));
    await until('five tries', () => tries.length >= 5);
    // The fourth wait is half of 800 ms or more; were each round counted as the first, it would be 100 ms at most.
    expect((tries[4] ?? 0) - (tries[3] ?? 0)).toBeGreaterThan(350);
    expect(await stateOf('door8-a')).toBe('degraded');
  });

  it('is not woken by every delivery that is refused, when another job ends the round with nothing found', async () => {
    const provider = new ScriptedProvider();
    let [tries, turns] = [0, 0];
    provider.onPoll = (cursor) => {
      turns += 1;
      if (turns % 2 === 0) return { deliveries: [], cursor: cursor ?? '0', more: false };
      tries += 1;
      const body = Buffer.from('{"id":"found"}');
      return { deliveries: [{ body, contentType: 'application/json', meta: {} }], cursor: '1', more: true };
    };
    const parts = fixture.parts('door9', { timings: { emitTimeoutMs: 10 } });
    const log = switchableBus(parts.bus);
    log.down = true;
    await fixture.topics('door9');
    const channel = scriptedChannel(provider, { slug: 'social-door9', capture: 'webhook', reconcile: true });
    const host = await fixture.host({ ...parts, bus: log.bus }, [channel], [account('door9-a', 'social-door9')]);
    hosts.push(host);
    await until('the round is over', () => turns >= 2);
    for (let n = 0; n < 20; n += 1) expect((await post(host, 'door9-a')).status).toBe(503);
    expect(tries).toBeLessThan(5);
    expect(await stateOf('door9-a')).toBe('degraded');
  });

  it('is left and opened anew when a poll never comes back', async () => {
    const provider = new ScriptedProvider();
    const stuck: AbortSignal[] = [];
    let isStuck = true;
    provider.onPoll = (_cursor, signal) => {
      if (!isStuck) return undefined;
      stuck.push(signal);
      return new Promise(() => undefined);
    };
    provider.mailbox.push('{"id":"behind the stuck one"}');
    await start('door7', provider, { reconcile: true }, fixture.parts('door7', { timings: { pollTimeoutMs: 150 } }));
    await states('door7-a', 'degraded');
    isStuck = false;
    await until('read', async () => (await fixture.cursor('door7-a')) === '1');
    await states('door7-a', 'connected');
    expect(stuck[0]?.aborted).toBe(true);
  });

  it('rests for good on a configuration that cannot work', async () => {
    const provider = new ScriptedProvider();
    provider.failure = new FaninError('CONFIG', 'page_id: there is no such page');
    await start('door5', provider, { reconcile: true });
    await states('door5-a', 'failed');
    await states('door5-b', 'failed');
    const tried = provider.polls.length;
    await clock.sleep(400);
    expect(provider.polls).toHaveLength(tried);
    expect((await fixture.state('door5-a'))?.next_attempt_at).toBeNull();
  });
});

describe('connection check', () => {
  it('tells the state of an account that is only called from outside, again and again', async () => {
    const provider = new ScriptedProvider();
    provider.failure = new FaninError('AUTH', 'no such token');
    await start('check1', provider, { connection: true });
    await states('check1-a', 'bad_credentials');
    provider.failure = undefined;
    await states('check1-a', 'connected');
    provider.failure = new FaninError('TRANSIENT', 'busy');
    await states('check1-a', 'degraded');
    const asked = provider.checks;
    provider.failure = undefined;
    await states('check1-a', 'connected');
    await until('asked on', () => provider.checks > asked + 2);
  });

  it('is made at once when a reply failed for want of rights, also by the replica that sends', async () => {
    const [holder, sender] = [new ScriptedProvider(), new ScriptedProvider()];
    const parts = () => fixture.parts('check2', { timings: { checkMs: 60_000, leaseMs: 15_000 } });
    await start('check2', holder, { connection: true, sending: 'once' }, parts());
    await states('check2-a', 'connected');
    await start('check2', sender, { connection: true, sending: 'once' }, parts());
    const revoked = new FaninError('AUTH', 'the token was revoked');
    holder.failure = revoked;
    for (const provider of [holder, sender])
      provider.onSend = async () => {
        throw revoked;
      };
    await fixture.send(
      'check2',
      ...Array.from({ length: 8 }, (_, i) => reply(`check2-${i}`, 'check2-a', 'social-check2', `room ${i}`)),
    );
    await states('check2-a', 'bad_credentials');
    expect(sender.checks).toBe(0);
    expect((await fixture.state('check2-a'))?.notices).not.toEqual([]);
  });
});

describe('addresses of webhooks', () => {
  it('are listed with what to enter, and handed over byte for byte', async () => {
    const hooks = [
      { path: '/', enter: 'A message comes in' },
      { path: '/voice', enter: 'A call comes in' },
    ];
    const host = await start('addr1', new ScriptedProvider(), { hooks });
    const base = 'https://shop.example/hooks/addr1-a';
    expect(await fixture.state('addr1-a')).toMatchObject({
      hook_urls: [base, `${base}/voice`],
      hooks: [
        { url: base, enter: 'A message comes in' },
        { url: `${base}/voice`, enter: 'A call comes in' },
      ],
    });
    for (const rest of ['', '?a=%20b&a=c+d&empty', '/voice%2F1?x=%zz', '/'])
      expect((await post(host, `addr1-a${rest}`)).status).toBe(202);
    const raw = await fixture.raw('addr1');
    expect(raw.map(({ meta }) => meta)).toEqual(
      ['', '?a=%20b&a=c+d&empty', '/voice%2F1?x=%zz', '/'].map((rest) => ({ url: `${base}${rest}` })),
    );
  });

  it('may bring what belongs to another account of the channel, and of no other', async () => {
    const host = await start('addr2', new ScriptedProvider(), {});
    expect((await post(host, 'addr2-a?for=addr2-b')).status).toBe(202);
    expect((await post(host, 'addr2-a?for=door1-a')).status).toBe(500);
    expect((await fixture.raw('addr2')).map(({ account_id: id }) => id)).toEqual(['addr2-b']);
  });
});
