import { FaninError } from '@fanin/kernel';
import { clock, FOR_A_STARVED_MACHINE_MS, HostFixture, until, type RunningHost } from './spec-support/host-fixture.js';
import type { HostTimings } from './host-settings.js';
import { account } from './spec-support/samples.js';
import { ScriptedProvider, scriptedChannel } from './spec-support/scripted-channels.js';
import { remoteFile } from './spec-support/scripted-normalise.js';

describe('attachments that the provider keeps', () => {
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

  const channelOf = (prefix: string, provider: ScriptedProvider) =>
    scriptedChannel(provider, { slug: `social-${prefix}`, capture: 'webhook', media: true });
  const start = async (
    prefix: string,
    provider: ScriptedProvider,
    timings: Partial<HostTimings> = {},
  ): Promise<RunningHost> => {
    await fixture.topics(prefix);
    const accounts = ['a', 'b'].map((id) => account(`${prefix}-${id}`, `social-${prefix}`));
    const host = await fixture.host(fixture.parts(prefix, { timings }), [channelOf(prefix, provider)], accounts);
    hosts.push(host);
    return host;
  };
  const capture = (prefix: string, values: object[], to = 'a') =>
    fixture.capture(prefix, channelOf(prefix, new ScriptedProvider()), `${prefix}-${to}`, ...values);
  const withFiles = (id: string, ...refs: string[]) => ({ id, room: 'r', text: id, remote: refs.map(remoteFile) });
  const messages = async (prefix: string, count: number) => {
    await until(`${count} messages`, async () => (await fixture.messages(prefix)).length >= count);
    return fixture.messages(prefix);
  };
  const hang = (signal: AbortSignal): Promise<never> =>
    new Promise((_resolve, reject) =>
      signal.addEventListener('abort', () => reject(new FaninError('TRANSIENT', 'cut')), { once: true }),
    );

  it('are stored before the message is published, and fetched once whatever is replayed', async () => {
    await fixture.topics('med1');
    const provider = new ScriptedProvider();
    provider.onFetch = async (ref) => ({ content: Buffer.from(`bytes of ${ref}`), contentType: 'image/png' });
    await start('med1', provider);
    await capture('med1', [withFiles('m', 'one', 'two')]);
    const [first] = await messages('med1', 1);
    expect(first?.attachments).toMatchObject([
      { name: 'one.jpg', content_type: 'image/png', inline: false, size: 12 },
      { name: 'two.jpg', content_type: 'image/png', inline: false, size: 12 },
    ]);
    expect(String(await fixture.blobs.get(first?.attachments[1]?.key ?? ''))).toBe('bytes of two');
    await capture('med1', [withFiles('m', 'one', 'two')]);
    const [, second] = await messages('med1', 2);
    expect([second?.message_id, second?.attachments]).toEqual([first?.message_id, first?.attachments]);
    expect(provider.fetched.sort()).toEqual(['one', 'two']);
    await capture('med1', [withFiles('m', 'one')], 'b');
    await messages('med1', 3);
    expect(provider.fetched).toHaveLength(3);
  });

  it('that are slow are added later by an amendment, a delivery of its own', async () => {
    const provider = new ScriptedProvider();
    let slow = true;
    provider.onFetch = (ref, signal) =>
      slow && ref === 'slow' ? hang(signal) : Promise.resolve({ content: Buffer.from(ref) });
    await start('med2', provider);
    const [id] = await capture('med2', [withFiles('m', 'quick', 'slow')]);
    const [target] = await messages('med2', 1);
    expect(target?.attachments).toMatchObject([{ name: 'quick.jpg' }]);
    slow = false;
    const [, late] = await messages('med2', 2);
    expect(late).toMatchObject({
      provider_message_id: 'm#attachment-1',
      conversation_key: 'r',
      sender: target?.sender,
      amends: { provider_message_id: 'm', change: 'attachments_added', value: null },
      attachments: [{ name: 'slow.jpg', size: 4 }],
      text: '',
      part: 0,
      parts: 1,
      account_id: 'med2-a',
      channel_slug: 'social-med2',
    });
    const raw = await fixture.raw('med2');
    expect(raw.map(({ delivery_id: each }) => each)).toEqual([id, late?.delivery_id]);
    expect((await fixture.blobs.get(late?.attachments[0]?.key ?? '')).toString()).toBe('slow');
    // The provider delivers the message again: the attachment still comes by the amendment only.
    await capture('med2', [withFiles('m', 'quick', 'slow')]);
    const again = (await messages('med2', 3))[2];
    expect([again?.message_id, again?.attachments]).toEqual([target?.message_id, target?.attachments]);
    await clock.sleep(200);
    expect(await fixture.messages('med2')).toHaveLength(3);
  });

  it('that are gone are told to the reader, with the reason', async () => {
    const provider = new ScriptedProvider();
    provider.onFetch = async (ref) => {
      if (ref === 'gone') throw new FaninError('BAD_PAYLOAD', 'the provider answered 404');
      throw new FaninError('TRANSIENT', 'busy');
    };
    await start('med3', provider);
    await capture('med3', [withFiles('m', 'gone', 'never')]);
    const all = await messages('med3', 3);
    const told = new Map(all.map((m) => [m.provider_message_id, m]));
    expect(told.get('m')?.attachments).toEqual([]);
    expect(told.get('m#attachment-0')).toMatchObject({
      text: 'The file "gone.jpg" could not be fetched: the provider answered 404',
      flags: ['attachment_missing'],
      attachments: [],
      amends: { provider_message_id: 'm', change: 'attachments_added' },
    });
    expect(told.get('m#attachment-1')?.text).toBe(
      'The file "never.jpg" could not be fetched: given up after 4 attempts: busy',
    );
    expect(provider.fetched.filter((ref) => ref === 'never').length).toBeGreaterThanOrEqual(4);
    expect(provider.fetched.filter((ref) => ref === 'gone')).toHaveLength(1);
  });

  it('do not hold up the neighbours when a provider hangs', async () => {
    const provider = new ScriptedProvider();
    provider.onFetch = (_ref, signal) => hang(signal);
    const mediaBudgetMs = 4_000;
    await start('med4', provider, { mediaBudgetMs, mediaBreakerMs: 60_000 });
    const many = Array.from({ length: 30 }, (_, i) => withFiles(`slow ${i}`, `s${i}`));
    await capture('med4', [...many, { id: 'plain', room: 'other' }]);
    const began = performance.now();
    await messages('med4', 31);
    expect(performance.now() - began).toBeLessThan(mediaBudgetMs + FOR_A_STARVED_MACHINE_MS);
    // Until the breaker closes, nobody waits at all.
    const before = performance.now();
    await capture('med4', [withFiles('later', 'l')]);
    await until('at once', async () =>
      (await fixture.messages('med4')).some(({ provider_message_id: id }) => id === 'later'),
    );
    expect(performance.now() - before).toBeLessThan(mediaBudgetMs);
    await capture('med4', [withFiles('of b', 'other')], 'b');
    await until('b was tried', () => provider.fetched.includes('other'));
  });

  it('survive the process that was to fetch them, and are told once by two replicas', async () => {
    const provider = new ScriptedProvider();
    provider.onFetch = (_ref, signal) => hang(signal);
    const first = await start('med5', provider);
    const refs = Array.from({ length: 12 }, (_, i) => `f${i}`);
    await capture('med5', [withFiles('m', ...refs)]);
    await messages('med5', 1);
    hosts = [];
    await first.stop();
    const others = [new ScriptedProvider(), new ScriptedProvider()];
    // What one of them holds stays its own, also while the machine is slow: whoever holds it too long tells it twice.
    for (const other of others) await start('med5', other, { mediaTimeoutMs: 30_000 });
    await messages('med5', 13);
    await clock.sleep(300);
    const late = (await fixture.messages('med5')).slice(1);
    expect(late.map(({ provider_message_id: id }) => id).sort()).toEqual(
      refs.map((_, n) => `m#attachment-${n}`).sort(),
    );
    expect(new Set(late.map(({ message_id: id }) => id)).size).toBe(12);
  });

  it('cannot be made up by what a provider sends', async () => {
    const channel = channelOf('med6', new ScriptedProvider());
    const host = await start('med6', new ScriptedProvider());
    await fetch(`${host.url}/hooks/med6-a`, { method: 'POST', body: '{"id":"x"}', headers: { 'x-proof': 'right' } });
    const [message] = await messages('med6', 1);
    expect(message?.provider_message_id).toBe('x');
    expect((await fixture.raw('med6'))[0]?.meta).toEqual({ url: 'https://shop.example/hooks/med6-a' });
    expect(channel.manifest.capabilities).toContain('media');
  });
});
