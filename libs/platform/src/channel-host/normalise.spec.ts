import { createHash } from 'node:crypto';
import { CONTRACTS, topicName, TOPICS } from '@fanin/contracts';
import { deterministicId, opaqueKey } from '@fanin/kernel';
import { createEmit } from './capture/emit.js';
import { HostFixture, until, type RunningHost } from './spec-support/host-fixture.js';
import { account } from './spec-support/samples.js';
import { ScriptedProvider, scriptedChannel } from './spec-support/scripted-channels.js';

describe('normaliser', () => {
  let fixture: HostFixture;
  let host: RunningHost | undefined;
  const channel = scriptedChannel(new ScriptedProvider(), { slug: 'social-read', capture: 'webhook' });
  const stranger = scriptedChannel(new ScriptedProvider(), { slug: 'social-other', capture: 'webhook' });
  const broken = scriptedChannel(new ScriptedProvider(), {
    slug: 'social-shut',
    capture: 'webhook',
    broken: new Error('no'),
  });

  beforeAll(async () => {
    fixture = await HostFixture.start();
  });
  afterEach(async () => {
    await host?.stop();
    host = undefined;
  });
  afterAll(() => fixture.stop());

  const capture = (prefix: string, entry: typeof channel, id: string, ...bodies: (string | Buffer)[]) =>
    createEmit(
      { id, tenant: 'shop', manifest: entry.manifest },
      fixture.parts(prefix),
    )(bodies.map((body) => ({ body: Buffer.from(body), contentType: 'application/json', meta: {} })));

  it('ends every captured delivery in messages or exactly one fate', async () => {
    await fixture.topics('norm1');
    const ids = await capture(
      'norm1',
      channel,
      'reader',
      '{"id":"m-1","room":"r","text":"hi"}',
      '{"parts":[{"id":"m-2"},{"id":"m-2"},{"id":"m-3"}]}',
      '{"ignore":"typing"}',
      '{"receipt":"out-1"}',
      'no json',
      '{"bug":1}',
      `{"id":"${'x'.repeat(2000)}"}`,
    );
    const [gone] = await capture('norm1', channel, 'gone', '{"id":"m-4"}');
    const [shut] = await capture('norm1', broken, 'shut', '{"id":"m-5"}');
    await capture('norm1', stranger, 'other', '{"id":"m-6"}');
    const accounts = [account('reader', 'social-read'), account('shut', 'social-shut')];
    host = await fixture.host(fixture.parts('norm1'), [channel, broken], accounts);
    await until('all fates', async () => (await fixture.fates('norm1')).length >= 7);

    const messages = await fixture.messages('norm1');
    expect(messages.map((m) => [m.delivery_id, m.provider_message_id, m.part, m.parts])).toEqual([
      [ids[0], 'm-1', 0, 1],
      [ids[1], 'm-2', 0, 3],
      [ids[1], 'm-2', 1, 3],
      [ids[1], 'm-3', 2, 3],
    ]);
    expect(messages.map(({ message_id: id }) => id)).toEqual(
      [
        ['m-1', '0'],
        ['m-2', '0'],
        ['m-2', '1'],
        ['m-3', '0'],
      ].map(([id = '', nth = '']) => deterministicId('shop', 'reader', id, '', nth)),
    );
    const fates = new Map(
      (await fixture.fates('norm1')).map((fate) => [fate.delivery_id, `${fate.fate} ${fate.rule}`]),
    );
    expect(fates).toEqual(
      new Map([
        [ids[2], 'ignored typing'],
        [ids[3], 'ignored receipt'],
        [ids[4], 'dead_lettered BAD_PAYLOAD'],
        [ids[5], 'dead_lettered BUG'],
        [ids[6], 'dead_lettered BUG'],
        [gone, 'quarantined unknown_account'],
        [shut, 'quarantined account_not_open'],
      ]),
    );
    expect(await fixture.fates('norm1')).toHaveLength(fates.size);
    expect(await fixture.receipts('norm1')).toMatchObject([
      { outbound_id: 'out-1', status: 'read', tenant: 'shop', account_id: 'reader' },
    ]);
    const dead = await fixture.bus.read(`${topicName(TOPICS.rawDeliveries, 'norm1')}.dlq`, 0, {
      fromOffset: 0n,
      limit: 10,
    });
    expect(dead).toHaveLength(3);
    const [record] = await fixture.records('norm1', CONTRACTS.inboundMessage);
    expect(record?.key).toBe(opaqueKey('r'));
    // Another service's channel: neither a message nor a fate of ours, and the group is past it.
    const [position] = await fixture.bus.positions(
      topicName(TOPICS.rawDeliveries, 'norm1'),
      'norm1.connector.normalise',
    );
    await until('committed', async () => {
      const [now] = await fixture.bus.positions(topicName(TOPICS.rawDeliveries, 'norm1'), 'norm1.connector.normalise');
      return now?.committed === position?.end;
    });
  });

  it('gives a message that comes again in another grouping the same id', async () => {
    await fixture.topics('norm2');
    await capture('norm2', channel, 'reader', '{"parts":[{"id":"a"},{"id":"b"}]}', '{"parts":[{"id":"b"},{"id":"c"}]}');
    host = await fixture.host(fixture.parts('norm2'), [channel], [account('reader', 'social-read')]);
    await until('read', async () => (await fixture.messages('norm2')).length === 4);
    const ids = (await fixture.messages('norm2')).map((message) => message.message_id);
    expect(new Set(ids).size).toBe(3);
    expect(ids[1]).toBe(ids[2]);
  });

  it('keeps attachments by their hash and large bodies by reference', async () => {
    await fixture.topics('norm3');
    const text = `${'é'.repeat(200_000)}`;
    await capture(
      'norm3',
      channel,
      'reader',
      '{"id":"a","attachment":"bytes"}',
      '{"id":"b","attachment":"bytes"}',
      JSON.stringify({ id: 'c', text }),
    );
    host = await fixture.host(fixture.parts('norm3'), [channel], [account('reader', 'social-read')]);
    await until('read', async () => (await fixture.messages('norm3')).length === 3);
    const [a, b, c] = await fixture.messages('norm3');
    const sha256 = createHash('sha256').update('bytes').digest('hex');
    expect(a?.attachments).toEqual([
      {
        name: 'a.txt',
        content_type: 'text/plain',
        inline: false,
        size: 5,
        sha256,
        key: expect.stringContaining(sha256),
      },
    ]);
    expect(b?.attachments).toEqual(a?.attachments);
    expect(String(await fixture.blobs.get(a?.attachments[0]?.key ?? ''))).toBe('bytes');
    expect(c?.text.length).toBeLessThan(40_000);
    expect(JSON.parse(String(await fixture.blobs.get(c?.body_ref?.key ?? '')))).toEqual({
      text,
      html: null,
      quoted_text: null,
    });
  });
});
