import type { ConversationEntry } from '@fanin/connector-kit';
import { createConversationLog, type OpenConversationLog } from './conversations/conversation-log.js';
import { clock, FOR_A_STARVED_MACHINE_MS, HostFixture, until } from './spec-support/host-fixture.js';

describe('conversation log', () => {
  let fixture: HostFixture;
  let replicas: OpenConversationLog[];

  beforeAll(async () => {
    fixture = await HostFixture.start();
    replicas = [createConversationLog(fixture.parts('log')), createConversationLog(fixture.parts('log'))];
  });
  afterAll(async () => {
    await Promise.all(replicas.map((replica) => replica.close()));
    await fixture.stop();
  });

  const replica = (index: number): OpenConversationLog => replicas[index % 2] as OpenConversationLog;
  const entry = (entryId: string) => ({ direction: 'inbound' as const, entryId, payload: `{"id":"${entryId}"}` });

  it('numbers 1, 2, 3 … without gaps when replicas append at once, and finds what was appended before', async () => {
    const done = await Promise.all(
      Array.from({ length: 200 }, (_, i) => replica(i).append('c1', entry(`e${Math.floor(i / 2)}`))),
    );
    expect(done.filter(({ duplicate }) => !duplicate)).toHaveLength(100);
    const all = await replica(0).read('c1', 0, 1000);
    expect(all.map(({ seq }) => seq)).toEqual(Array.from({ length: 100 }, (_, i) => i + 1));
    const again = await replica(1).append('c1', { ...entry('e5'), payload: '{"other":1}' });
    expect(again).toMatchObject({ duplicate: true, entry: { entryId: 'e5', payload: '{"id":"e5"}' } });
    expect((await replica(0).read('c1', 97, 2)).map(({ seq }) => seq)).toEqual([98, 99]);
  });

  it('gives the number back when a transaction fails', async () => {
    await replica(0).append('c2', entry('a'));
    await expect(
      fixture.database.transaction('*', async (client) => {
        await client.query("SELECT * FROM channels.append_entry('c2', 'inbound', 'lost', '{}')");
        throw new Error('changed our mind');
      }),
    ).rejects.toThrow('changed our mind');
    expect((await replica(1).append('c2', entry('b'))).entry.seq).toBe(2);
  });

  it('tells every replica of every entry, in order, also after its connection was cut', async () => {
    const heard: ConversationEntry[][] = [[], []];
    const unsubscribe = replicas.map((log, i) => log.onAppend((told) => void heard[i]?.push(told)));
    // Reading on a replica is what makes sure that nothing after it is missed there.
    await Promise.all(replicas.map((log) => log.read('c3-0', 0, 1)));
    for (let i = 0; i < 30; i += 1) {
      await replica(i).append(`c3-${i % 3}`, entry(`x${i}`));
      if (i === 10 || i === 20)
        await fixture.database.pool.query(
          "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'fanin-conversations' AND usename = current_user",
        );
    }
    await until('all heard', () => heard.every((list) => new Set(list.map(({ entryId }) => entryId)).size === 30));
    for (const list of heard)
      for (const id of ['c3-0', 'c3-1', 'c3-2']) {
        const seqs = list.filter(({ conversationId }) => conversationId === id).map(({ seq }) => seq);
        expect(seqs).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
      }
    for (const end of unsubscribe) end();
    await replica(0).append('c3-0', entry('unheard'));
    await clock.sleep(200);
    expect(heard[0]?.some(({ entryId }) => entryId === 'unheard')).toBe(false);
  });

  it('refuses an entry that is too large, and says TRANSIENT within 2 s when the database is away', async () => {
    await expect(replica(0).append('c4', { ...entry('big'), payload: 'x'.repeat(65_537) })).rejects.toMatchObject({
      code: 'BAD_PAYLOAD',
    });
    const parts = fixture.parts('log');
    const hanging = createConversationLog({
      ...parts,
      database: { ...parts.database, statement: () => new Promise(() => undefined) },
    });
    const before = performance.now();
    await expect(hanging.append('c4', entry('a'))).rejects.toMatchObject({ code: 'TRANSIENT' });
    expect(performance.now() - before).toBeLessThan(2_000 + FOR_A_STARVED_MACHINE_MS);
  });
});
