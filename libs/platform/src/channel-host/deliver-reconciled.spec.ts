import { SendUncertain } from '@fanin/connector-kit';
import { FaninError } from '@fanin/kernel';
import { clock, HostFixture, until, type RunningHost } from './spec-support/host-fixture.js';
import { account, reply } from './spec-support/samples.js';
import { ScriptedProvider, scriptedChannel } from './spec-support/scripted-channels.js';

describe('a channel whose provider can be asked what went out', () => {
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

  const start = async (prefix: string, provider: ScriptedProvider): Promise<void> => {
    await fixture.topics(prefix);
    const channel = scriptedChannel(provider, { slug: `social-${prefix}`, capture: 'webhook', sending: 'reconciled' });
    hosts.push(await fixture.host(fixture.parts(prefix), [channel], [account(`${prefix}-a`, `social-${prefix}`)]));
  };
  const message = (prefix: string, id: string, room = 'room') =>
    reply(`${prefix}-${id}`, `${prefix}-a`, `social-${prefix}`, room);
  const receipts = async (prefix: string, count: number) => {
    await until(`${count} receipts`, async () => (await fixture.receipts(prefix)).length >= count);
    return (await fixture.receipts(prefix)).map((r) => [r.outbound_id.slice(prefix.length + 1), r.status]);
  };
  /** The first call of each id breaks off after the provider may have taken it. */
  const breaking = (provider: ScriptedProvider): void => {
    const tried = new Set<string>();
    provider.onSend = async (id) => {
      if (tried.has(id)) return;
      tried.add(id);
      throw new SendUncertain('the connection broke');
    };
  };

  it('is asked before anything is sent again, and believed', async () => {
    const provider = new ScriptedProvider();
    breaking(provider);
    provider.onReconcile = async (id) =>
      id.endsWith('went')
        ? { status: 'sent', providerMessageId: 'SM1' }
        : id.endsWith('lost')
          ? { status: 'absent' }
          : { status: 'unclear', reason: 'two of the same text' };
    await start('rec1', provider);
    const began = clock.now();
    await fixture.send('rec1', message('rec1', 'went', 'a'), message('rec1', 'lost', 'b'), message('rec1', 'who', 'c'));
    expect((await receipts('rec1', 3)).sort()).toEqual([
      ['lost', 'sent'],
      ['went', 'sent'],
      ['who', 'unknown'],
    ]);
    const told = await fixture.receipts('rec1');
    expect(told.find(({ outbound_id: id }) => id === 'rec1-went')?.provider_message_id).toBe('SM1');
    expect(told.find(({ status }) => status === 'unknown')?.reason).toContain('two of the same text');
    expect(provider.sent.sort()).toEqual(['rec1-lost', 'rec1-lost', 'rec1-went', 'rec1-who']);
    for (const { since } of provider.asked) expect(Math.abs(since.getTime() - began)).toBeLessThan(60_000);
  });

  it('is told which ids are accounted for', async () => {
    const provider = new ScriptedProvider();
    await start('rec2', provider);
    await fixture.send('rec2', message('rec2', '1'), message('rec2', '2'));
    await receipts('rec2', 2);
    breaking(provider);
    provider.onReconcile = async () => ({ status: 'sent', providerMessageId: 'SM3' });
    await fixture.send('rec2', message('rec2', '3'));
    await receipts('rec2', 3);
    const asked = provider.asked.map(({ id, known }) => ({ id, known: [...known].sort() }));
    expect(asked).toEqual([{ id: 'rec2-3', known: ['p-rec2-1', 'p-rec2-2'] }]);
  });

  it('keeps the order of the conversation while it cannot be asked, and gives up as unknown', async () => {
    const provider = new ScriptedProvider();
    breaking(provider);
    let away = true;
    provider.onReconcile = async () => {
      if (away) throw new FaninError('TRANSIENT', 'busy');
      return { status: 'sent', providerMessageId: 'SM1' };
    };
    await start('rec3', provider);
    await fixture.send('rec3', message('rec3', 'first'), message('rec3', 'second'));
    await until('asked', () => provider.asked.length >= 1);
    expect(provider.sent).toEqual(['rec3-first']);
    away = false;
    expect(await receipts('rec3', 2)).toEqual([
      ['first', 'sent'],
      ['second', 'sent'],
    ]);
    away = true;
    await fixture.send('rec3', message('rec3', 'third'));
    expect((await receipts('rec3', 3))[2]).toEqual(['third', 'unknown']);
    expect(provider.sent.filter((id) => id === 'rec3-third')).toHaveLength(1);
  });

  it.each([
    ['sent', 0],
    ['absent', 1],
  ] as const)('is asked about a reply that a dead process had taken (%s)', async (status, calls) => {
    const prefix = `rec4${status}`;
    const provider = new ScriptedProvider();
    provider.onReconcile = async () => (status === 'sent' ? { status, providerMessageId: 'SM1' } : { status });
    await fixture.rows(
      `INSERT INTO channels.outbound (outbound_id, tenant, account_id, channel_slug, conversation, message, state, attempts,
         held_until, first_attempt_at, attempt_at)
       VALUES ($1, 'shop', $2, $3, 'room', $4, 'sending', 1, now() - interval '1 second', now() - interval '3 minutes', now())`,
      `${prefix}-x`,
      `${prefix}-a`,
      `social-${prefix}`,
      JSON.stringify(message(prefix, 'x')),
    );
    await start(prefix, provider);
    expect(await receipts(prefix, 1)).toEqual([['x', 'sent']]);
    expect(provider.sent).toHaveLength(calls);
    const sinceMs = clock.now() - (provider.asked[0]?.since.getTime() ?? 0);
    expect(sinceMs).toBeGreaterThan(170_000);
  });

  it('sends once whatever dies, over two replicas', async () => {
    // The provider's side, shared: what it has taken, whoever sent it.
    const taken: string[] = [];
    const providers = [new ScriptedProvider(), new ScriptedProvider()];
    for (const provider of providers) {
      provider.onSend = async (id) => {
        if (Math.random() < 0.3) throw new SendUncertain('broke before');
        taken.push(id);
        if (Math.random() < 0.4) throw new SendUncertain('broke after');
      };
      provider.onReconcile = async (id) =>
        taken.includes(id) ? { status: 'sent', providerMessageId: `SM-${id}` } : { status: 'absent' };
      await start('rec5', provider);
    }
    const all = Array.from({ length: 40 }, (_, i) => message('rec5', String(i), `room-${i % 7}`));
    await fixture.send('rec5', ...all);
    const ends = await receipts('rec5', 40);
    expect(ends).toHaveLength(40);
    expect(new Set(taken).size).toBe(taken.length);
    // With four attempts and so many faults some replies are given up; none of them had gone out unnoticed.
    const sent = ends.filter(([, status]) => status === 'sent').map(([id]) => `rec5-${id}`);
    expect(sent.sort()).toEqual([...taken].sort());
  });
});
