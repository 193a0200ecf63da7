import { fromDeadLetter, redrive } from '@fanin/bus';
import { topicName, TOPICS, type FateV1 } from '@fanin/contracts';
import { HostFixture, until, type RunningHost } from './spec-support/host-fixture.js';
import { account } from './spec-support/samples.js';
import { ScriptedProvider, scriptedChannel } from './spec-support/scripted-channels.js';
import { normaliseScript } from './spec-support/scripted-normalise.js';

describe('rejected entries of a batch', () => {
  let fixture: HostFixture;
  let hosts: RunningHost[] = [];
  /** What the channel can read; a repaired version reads more. */
  let mended: readonly string[] = [];

  beforeAll(async () => {
    fixture = await HostFixture.start();
  });
  afterEach(async () => {
    await Promise.all(hosts.map((host) => host.stop()));
    hosts = [];
    mended = [];
  });
  afterAll(() => fixture.stop());

  const entry = scriptedChannel(new ScriptedProvider(), { slug: 'social-batch', capture: 'webhook' });
  const channel = {
    ...entry,
    load: async () => {
      const loaded = await entry.load();
      return {
        ...loaded,
        create: (...given: Parameters<typeof loaded.create>) => ({
          ...loaded.create(...given),
          normalise: ({ body }: { body: Buffer }) => {
            const text = mended.reduce((now, id) => now.replace(`"poison":"${id}"`, `"id":"${id}"`), String(body));
            return normaliseScript(Buffer.from(text));
          },
        }),
      };
    },
  };
  const start = async (prefix: string): Promise<void> => {
    hosts.push(await fixture.host(fixture.parts(prefix), [channel], [account('batch', 'social-batch')]));
  };
  const raw = (prefix: string): string => topicName(TOPICS.rawDeliveries, prefix);
  const letters = (prefix: string) => fixture.bus.read(`${raw(prefix)}.dlq`, 0, { fromOffset: 0n, limit: 100 });
  const again = (prefix: string, reason?: string) =>
    redrive(fixture.bus, { topic: raw(prefix), ...(reason === undefined ? {} : { reason }) });

  /** What the ledger holds at the end: the later word on a part wins, except `duplicate`. Messages are accepted once. */
  async function ledger(prefix: string): Promise<Record<string, string>> {
    const ends = new Map<number, string>();
    const seen = new Set<string>();
    const words: Pick<FateV1, 'part' | 'fate'>[] = await fixture.fates(prefix);
    for (const { part, fate } of words) ends.set(part, fate);
    for (const { message_id: id, part } of await fixture.messages(prefix)) {
      if (!seen.has(id)) ends.set(part, 'accepted');
      seen.add(id);
    }
    return Object.fromEntries(ends);
  }

  it('go to the dead letters one by one, and their neighbours go on', async () => {
    await fixture.topics('rej1');
    const parts = [{ id: 'a' }, { poison: 'x' }, { id: 'b' }, { poison: 'y' }];
    const [id] = await fixture.capture('rej1', channel, 'batch', { parts }, { id: 'after' });
    await start('rej1');
    await until('letters', async () => (await letters('rej1')).length === 2);
    await until('messages', async () => (await fixture.messages('rej1')).length === 3);
    expect((await fixture.messages('rej1')).map((m) => [m.provider_message_id, m.part, m.parts])).toEqual([
      ['a', 0, 4],
      ['b', 2, 4],
      ['after', 0, 1],
    ]);
    expect(
      (await fixture.fates('rej1')).map((f) => [f.delivery_id, f.part, f.parts, f.fate, f.rule, f.evidence]),
    ).toEqual([
      [id, 1, 4, 'dead_lettered', 'BAD_PAYLOAD', 'x'],
      [id, 3, 4, 'dead_lettered', 'BAD_PAYLOAD', 'y'],
    ]);
    const [first] = await letters('rej1');
    expect(String(first?.value)).toContain('poison');
    expect(first && fromDeadLetter(first)).toMatchObject({ code: 'BAD_PAYLOAD', reason: 'x', step: 'handle' });
  });

  it('come back each by itself: still poisonous one letter, mended one message, neighbours with the same ids', async () => {
    await fixture.topics('rej2');
    await fixture.capture('rej2', channel, 'batch', { parts: [{ id: 'a' }, { poison: 'x' }, { poison: 'y' }] });
    await start('rej2');
    await until('letters', async () => (await letters('rej2')).length === 2);
    expect(await again('rej2')).toMatchObject({ redriven: 2 });
    await until('two letters again, no more', async () => (await letters('rej2')).length >= 4);
    mended = ['x'];
    expect(await again('rej2')).toMatchObject({ redriven: 2 });
    await until('y again', async () => (await letters('rej2')).length >= 5);
    await until('x read', async () => (await fixture.messages('rej2')).some((m) => m.provider_message_id === 'x'));
    await until('all came', async () => (await fixture.messages('rej2')).length >= 7);
    mended = ['x', 'y'];
    expect(await again('rej2')).toMatchObject({ redriven: 1 });
    await until('y read', async () => (await fixture.messages('rej2')).some((m) => m.provider_message_id === 'y'));
    expect(await letters('rej2')).toHaveLength(5);
    const messages = await fixture.messages('rej2');
    expect(new Set(messages.map((m) => m.message_id)).size).toBe(3);
    expect(new Map(messages.map((m) => [m.provider_message_id, m.part]))).toEqual(
      new Map([
        ['a', 0],
        ['x', 1],
        ['y', 2],
      ]),
    );
    expect(await ledger('rej2')).toEqual({ 0: 'accepted', 1: 'accepted', 2: 'accepted' });
  });

  it('that are all of a delivery leave nothing in flight', async () => {
    await fixture.topics('rej3');
    await fixture.capture('rej3', channel, 'batch', { parts: [{ poison: 'x' }, { poison: 'y' }] });
    await start('rej3');
    await until('fates', async () => (await fixture.fates('rej3')).length === 2);
    expect(await ledger('rej3')).toEqual({ 0: 'dead_lettered', 1: 'dead_lettered' });
    expect(await fixture.messages('rej3')).toEqual([]);
  });
});
