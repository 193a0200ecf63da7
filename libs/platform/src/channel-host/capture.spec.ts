import { request } from 'node:http';
import { FaninError, opaqueKey } from '@fanin/kernel';
import { CONTRACTS } from '@fanin/contracts';
import { alterStatements } from '@fanin/test-kit';
import { createEmit } from './capture/emit.js';
import { clock, FOR_A_STARVED_MACHINE_MS, HostFixture, until, type RunningHost } from './spec-support/host-fixture.js';
import { account } from './spec-support/samples.js';
import { switchableBus } from './spec-support/switchable-bus.js';
import { ScriptedProvider, scriptedChannel } from './spec-support/scripted-channels.js';
import { acquireLease } from './state/leases.js';
import { loadCheckpoint, storeCheckpoint } from './state/checkpoints.js';

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

const started = async (running: Promise<RunningHost>): Promise<RunningHost> => {
  const host = await running;
  hosts.push(host);
  return host;
};

describe('emit', () => {
  const manifest = scriptedChannel(new ScriptedProvider(), { slug: 'social-emit', capture: 'poll' }).manifest;
  const own = { id: 'emitting', tenant: 'shop', manifest };

  it('writes the bytes losslessly, large ones by reference, under an opaque key', async () => {
    await fixture.topics('emit1');
    const emit = createEmit(own, fixture.parts('emit1'));
    const large = Buffer.alloc(256 * 1024 + 1, 'x');
    const bodies = [Buffer.from('{"a":"ü"}'), Buffer.from([0xff, 0x00, 0x80]), large];
    const ids = await emit(
      bodies.map((body) => ({ body, contentType: 'text/plain', meta: { a: 'b' }, orderKey: 'ada@example.org' })),
    );
    const raw = await fixture.raw('emit1');
    expect(raw.map(({ delivery_id: id }) => id)).toEqual(ids);
    expect(raw.map(({ body_encoding: encoding }) => encoding)).toEqual(['utf8', 'base64', 'utf8']);
    expect(raw[0]).toMatchObject({
      tenant: 'shop',
      account_id: 'emitting',
      body: '{"a":"ü"}',
      meta: { a: 'b' },
      channel_slug: 'social-emit',
    });
    expect(Buffer.from(raw[1]?.body ?? '', 'base64')).toEqual(bodies[1]);
    expect(raw[2]).toMatchObject({ body: null, body_size: large.length });
    expect((await fixture.blobs.get(raw[2]?.body_ref?.key ?? '')).equals(large)).toBe(true);
    const records = await fixture.records('emit1', CONTRACTS.rawDelivery);
    expect(new Set(records.map(({ key }) => key))).toEqual(new Set([opaqueKey('emitting', 'ada@example.org')]));
    expect(JSON.stringify(records.map(({ key, headers }) => [key, headers]))).not.toContain('ada@');
  });

  it.each([100, 300 * 1024])('rejects within 2 s when the log is down (%i bytes)', async (size) => {
    const log = switchableBus(fixture.bus);
    log.down = true;
    const emit = createEmit(own, fixture.parts('emit2', { bus: log.bus }));
    const before = performance.now();
    await expect(emit([{ body: Buffer.alloc(size, 'x'), contentType: 'text/plain', meta: {} }])).rejects.toMatchObject({
      code: 'TRANSIENT',
    });
    expect(performance.now() - before).toBeLessThan(2_000 + FOR_A_STARVED_MACHINE_MS);
  });
});

/** A body that does not say how long it is. */
function postChunked(url: string, bytes: number): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { method: 'POST', headers: { 'x-proof': 'right' } }, (response) => {
      response.resume();
      resolve(response.statusCode);
    });
    sent.on('error', reject);
    for (let i = 0; i < bytes; i += 1000) sent.write('x'.repeat(1000));
    sent.end();
  });
}

describe('webhook capture', () => {
  const post = (
    host: RunningHost,
    path: string,
    body: string,
    headers: Record<string, string> = { 'x-proof': 'right' },
  ) =>
    fetch(`${host.url}${path}`, { method: 'POST', body, headers: { 'content-type': 'application/json', ...headers } });

  it('takes raw bytes of who can prove himself, and says no to everything else', async () => {
    await fixture.topics('hook1');
    const channel = scriptedChannel(new ScriptedProvider(), {
      slug: 'social-hook',
      capture: 'webhook',
      maxDeliveryBytes: 1000,
    });
    const host = await started(fixture.host(fixture.parts('hook1'), [channel], [account('hook-a', 'social-hook')]));
    const right = await post(host, '/hooks/hook-a/voice?x=1&y=%20', '{ "id" : "m-1" }');
    expect([right.status, await right.text()]).toEqual([202, '/voice']);
    expect((await post(host, '/hooks/hook-a', 'not { json')).status).toBe(202);
    expect((await post(host, '/hooks/hook-a', '{"id":"m"}', { 'x-proof': 'wrong' })).status).toBe(401);
    expect((await post(host, '/hooks/nobody', '{}')).status).toBe(404);
    expect((await post(host, '/hooks/hook-a', 'x'.repeat(1001))).status).toBe(413);
    expect((await post(host, '/hooks/hook-a', 'x'.repeat(8_000_000))).status).toBe(413);
    expect(await postChunked(`${host.url}/hooks/hook-a`, 50_000)).toBe(413);
    expect(await postChunked(`${host.url}/hooks/nobody`, 50_000)).toBe(404);
    expect((await post(host, '/hooks/hook-a/crash', '{}')).status).toBe(500);
    const raw = await fixture.raw('hook1');
    expect(raw.map(({ body }) => body)).toEqual(['{ "id" : "m-1" }', 'not { json']);
    expect(raw[0]?.meta).toEqual({ url: 'https://shop.example/hooks/hook-a/voice?x=1&y=%20' });
    expect(await fixture.state('hook-a')).toMatchObject({
      state: 'connected',
      hook_urls: ['https://shop.example/hooks/hook-a'],
    });
  });

  it('answers 503 with Retry-After while the log is down, whatever the channel makes of it', async () => {
    await fixture.topics('hook2');
    const log = switchableBus(fixture.bus);
    const channel = scriptedChannel(new ScriptedProvider(), { slug: 'social-hook2', capture: 'webhook' });
    const host = await started(
      fixture.host(fixture.parts('hook2', { bus: log.bus }), [channel], [account('hook-b', 'social-hook2')]),
    );
    log.down = true;
    const before = performance.now();
    const refused = await Promise.all([post(host, '/hooks/hook-b', '{}'), post(host, '/hooks/hook-b/swallow', '{}')]);
    expect(performance.now() - before).toBeLessThan(2_000 + FOR_A_STARVED_MACHINE_MS);
    expect(refused.map(({ status }) => status)).toEqual([503, 503]);
    expect(refused.map(({ headers }) => headers.get('retry-after'))).toEqual(['5', '5']);
    await until('degraded', async () => (await fixture.state('hook-b'))?.state === 'degraded');
    log.down = false;
    expect((await post(host, '/hooks/hook-b', '{"id":"m-9"}')).status).toBe(202);
    await until('connected', async () => (await fixture.state('hook-b'))?.state === 'connected');
    await host.host.stopCapture();
    expect((await post(host, '/hooks/hook-b', '{}')).status).toBe(503);
    expect(await fixture.raw('hook2')).toHaveLength(1);
  });
});

describe('poll capture', () => {
  it('moves the cursor after the append only, and asks again from the old one after a refusal', async () => {
    await fixture.topics('poll1');
    const log = switchableBus(fixture.bus);
    log.down = true;
    const provider = new ScriptedProvider();
    provider.mailbox.push('{"id":"1"}', '{"id":"2"}', '{"id":"3"}');
    const channel = scriptedChannel(provider, { slug: 'social-poll', capture: 'poll' });
    await started(
      fixture.host(
        fixture.parts('poll1', { bus: log.bus, timings: { emitTimeoutMs: 100 } }),
        [channel],
        [account('poll-a', 'social-poll')],
      ),
    );
    await until('two refusals', () => provider.polls.length >= 3);
    expect(provider.polls.every(({ cursor }) => cursor === null)).toBe(true);
    expect([await fixture.cursor('poll-a'), provider.stored]).toEqual([undefined, []]);
    expect(await fixture.state('poll-a')).toMatchObject({
      state: 'degraded',
      code: 'TRANSIENT',
      next_attempt_at: expect.any(Date),
    });
    log.down = false;
    await until('all stored', async () => (await fixture.cursor('poll-a')) === '3');
    // A refused append may have been written all the same; what counts is that nothing is missing.
    expect([...new Set((await fixture.raw('poll1')).map(({ body }) => body))]).toEqual([
      '{"id":"1"}',
      '{"id":"2"}',
      '{"id":"3"}',
    ]);
    await until('told', () => provider.stored.length === 2);
    await until('connected', async () => (await fixture.state('poll-a'))?.state === 'connected');
    provider.mailbox.push('{"id":"4"}');
    provider.wake();
    await until('woken', async () => (await fixture.cursor('poll-a')) === '4', 5_000);
  });

  it('shows an account with bad credentials or configuration, and stops no other', async () => {
    await fixture.topics('poll2');
    const [bad, good] = [new ScriptedProvider(), new ScriptedProvider()];
    bad.failure = new FaninError('AUTH', 'login refused');
    good.mailbox.push('{"id":"1"}');
    const channels = [
      scriptedChannel(bad, { slug: 'social-bad', capture: 'poll' }),
      scriptedChannel(good, { slug: 'social-good', capture: 'poll' }),
      scriptedChannel(bad, {
        slug: 'social-broken',
        capture: 'poll',
        broken: new FaninError('CONFIG', 'note: no such thing'),
      }),
    ];
    const accounts = [
      account('poll-bad', 'social-bad'),
      account('poll-broken', 'social-broken'),
      account('poll-good', 'social-good'),
    ];
    await started(fixture.host(fixture.parts('poll2'), channels, accounts));
    await until('good reads', async () => (await fixture.cursor('poll-good')) === '1');
    await until('bad shown', async () => (await fixture.state('poll-bad'))?.state === 'bad_credentials');
    expect(await fixture.state('poll-bad')).toMatchObject({
      code: 'AUTH',
      reason: 'login refused',
      next_attempt_at: expect.any(Date),
      action: expect.stringContaining('credentials'),
    });
    expect(await fixture.state('poll-broken')).toMatchObject({
      state: 'failed',
      code: 'CONFIG',
      reason: 'note: no such thing',
      next_attempt_at: null,
    });
  });

  it('begins anew, and says so, when the provider lost the position', async () => {
    await fixture.topics('poll3');
    const provider = new ScriptedProvider();
    provider.mailbox.push('{"id":"1"}');
    const channel = scriptedChannel(provider, { slug: 'social-lost', capture: 'poll' });
    await started(fixture.host(fixture.parts('poll3'), [channel], [account('poll-lost', 'social-lost')]));
    await until('read', async () => (await fixture.cursor('poll-lost')) === '1');
    provider.failure = new FaninError('CURSOR_LOST', 'the mailbox was made anew');
    provider.wake();
    await until('noticed', async () => (await fixture.state('poll-lost'))?.notices.length !== 0);
    provider.failure = undefined;
    await until(
      'from the start',
      async () => provider.polls.at(-1)?.cursor === null || (await fixture.raw('poll3')).length > 1,
    );
    await until('read again', async () => (await fixture.raw('poll3')).length === 2);
  });

  it('lets one replica read at a time; the next takes over with the stored cursor', async () => {
    await fixture.topics('poll4');
    const [first, second] = [new ScriptedProvider(), new ScriptedProvider()];
    for (const provider of [first, second]) provider.mailbox.push('{"id":"1"}', '{"id":"2"}');
    const accounts = [account('poll-twice', 'social-twice')];
    const make = (provider: ScriptedProvider) =>
      fixture.host(
        fixture.parts('poll4', { timings: { leaseMs: 15_000 } }),
        [scriptedChannel(provider, { slug: 'social-twice', capture: 'poll' })],
        accounts,
      );
    const one = await make(first);
    await until('the first reads', async () => (await fixture.cursor('poll-twice')) === '2');
    await started(make(second));
    await clock.sleep(700);
    expect(second.polls).toEqual([]);
    await one.stop();
    expect(first.closed).toEqual(['poll-twice']);
    await until('the second reads', () => second.polls.length > 0);
    expect(second.polls[0]?.cursor).toBe('2');
  });
});

describe('leases', () => {
  const own = { id: 'fenced', tenant: 'shop' };

  it('refuses the cursor of a holder that was overtaken', async () => {
    const parts = fixture.parts('lease', { timings: { leaseMs: 60_000 } });
    const first = await acquireLease(own, 'one', parts);
    if (first === undefined) throw new Error('the lease was free');
    expect(await acquireLease(own, 'two', parts)).toBeUndefined();
    await storeCheckpoint(own, '10', first, parts);
    // As if the first had been frozen for longer than its lease: it does not know yet.
    await fixture.database.transaction('*', (client) =>
      client.query("UPDATE channels.leases SET expires_at = now() - interval '1 second' WHERE account_id = 'fenced'"),
    );
    const second = await acquireLease(own, 'two', parts);
    if (second === undefined) throw new Error('the lease had run out');
    expect(Number(second.fence)).toBe(Number(first.fence) + 1);
    expect(first.signal.aborted).toBe(false);
    await storeCheckpoint(own, '20', second, parts);
    await expect(storeCheckpoint(own, '11', first, parts)).rejects.toMatchObject({
      code: 'TRANSIENT',
      message: expect.stringContaining('lease'),
    });
    expect(await loadCheckpoint(own, parts)).toBe('20');
    await first.release();
    expect(await acquireLease(own, 'three', parts)).toBeUndefined();
    await second.release();
    const third = await acquireLease(own, 'three', parts);
    expect(third).toBeDefined();
    await third?.release();
  });

  it.each([
    { how: 'with it the next one reads on', changes: [], read: ['2', '3'] },
    {
      how: 'without it the cursor goes back, and the next one reads again what was read',
      changes: [
        [' AND holder = $4 AND fence = $5 FOR SHARE', ' AND ($4::text, $5::bigint) IS NOT NULL FOR SHARE'],
        ['WHERE c.fence <= excluded.fence', ''],
      ],
      read: ['2', '3', '2', '3'],
    },
  ] as const)('a holder that was overtaken stores its cursor, and the fence refuses it: $how', async (one) => {
    const prefix = `fence${one.changes.length}`;
    const id = `fenced-${one.changes.length}`;
    await fixture.topics(prefix);
    const parts = fixture.parts(prefix);
    const provider = new ScriptedProvider();
    provider.mailbox.push('{"id":"1"}', '{"id":"2"}', '{"id":"3"}');
    const channel = scriptedChannel(provider, { slug: 'social-fence', capture: 'poll' });
    const host = () => fixture.host(parts, [channel], [account(id, 'social-fence')]);
    const made: string[] = [];
    const restore = alterStatements(one.changes, (of) => made.push(of));
    try {
      const slow = fixture.parts(prefix, { timings: { leaseMs: 60_000 } });
      const overtaken = await acquireLease({ id, tenant: 'shop' }, 'overtaken', slow);
      if (overtaken === undefined) throw new Error('the lease was free');
      await storeCheckpoint({ id, tenant: 'shop' }, '1', overtaken, slow);
      await fixture.rows('UPDATE channels.leases SET expires_at = now() WHERE account_id = $1', id);
      const second = await host();
      await until('the next one has read all', async () => (await fixture.cursor(id)) === '3');
      await storeCheckpoint({ id, tenant: 'shop' }, '1', overtaken, slow).catch(() => undefined);
      await overtaken.release();
      await second.stop();
      const polls = provider.polls.length;
      await started(host());
      await until(
        'the one after that reads',
        async () => provider.polls.length > polls && (await fixture.cursor(id)) === '3',
      );
      expect((await fixture.raw(prefix)).map(({ body }) => (JSON.parse(body ?? '') as { id: string }).id)).toEqual(
        one.read,
      );
      expect(made).toEqual(one.changes.map(([of]) => of));
    } finally {
      restore();
    }
  });

  it('does not outlive its holder because the clock of the database was set back', async () => {
    const parts = fixture.parts('lease', { timings: { leaseMs: 60_000 } });
    const dead = await acquireLease({ id: 'set-back', tenant: 'shop' }, 'one', parts);
    for (const [ahead, isFree] of [
      ['59 seconds', false],
      ['1 hour', true],
      ['1 day', true],
    ] as const) {
      await fixture.database.transaction('*', (client) =>
        client.query(
          "UPDATE channels.leases SET expires_at = clock_timestamp() + $1::interval WHERE account_id = 'set-back'",
          [ahead],
        ),
      );
      const next = await acquireLease({ id: 'set-back', tenant: 'shop' }, `after ${ahead}`, parts);
      expect([ahead, next !== undefined]).toEqual([ahead, isFree]);
      await next?.release();
    }
    await dead?.release();
  });

  it('is given up by its holder when it cannot be renewed, before anybody else may take it', async () => {
    let away = false;
    const database = new Proxy(fixture.database, {
      get: (target, name) =>
        name === 'transaction' && away ? () => new Promise(() => undefined) : Reflect.get(target, name),
    });
    const leaseMs = 5_000;
    const parts = { ...fixture.parts('lease', { timings: { leaseMs } }), database };
    const lease = await acquireLease({ id: 'lonely', tenant: 'shop' }, 'one', parts);
    if (lease === undefined) throw new Error('the lease was free');
    const from = performance.now();
    away = true;
    await until('given up', () => lease.signal.aborted);
    expect(performance.now() - from).toBeLessThan(leaseMs);
    away = false;
    await lease.release();
  });
});

describe('stream capture', () => {
  it('starts again after a failure, from the position that emitAt stored', async () => {
    await fixture.topics('stream1');
    const cursors: (string | null)[] = [];
    const channel = scriptedChannel(new ScriptedProvider(), {
      slug: 'social-stream',
      capture: 'stream',
      run: async ({ cursor, emitAt, signal, connected }) => {
        cursors.push(cursor);
        connected();
        if (cursors.length === 1) {
          await emitAt([{ body: Buffer.from('{"id":"1"}'), contentType: 'application/json', meta: {} }], 'after-1');
          throw new FaninError('TRANSIENT', 'cut off');
        }
        await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
      },
    });
    const host = await started(
      fixture.host(fixture.parts('stream1'), [channel], [account('stream-a', 'social-stream')]),
    );
    await until('again', () => cursors.length === 2);
    expect(cursors).toEqual([null, 'after-1']);
    await until('connected', async () => (await fixture.state('stream-a'))?.state === 'connected');
    expect(await fixture.raw('stream1')).toHaveLength(1);
    const before = performance.now();
    await host.host.stopCapture();
    expect(performance.now() - before).toBeLessThan(2_000 + FOR_A_STARVED_MACHINE_MS);
  });
});
