import { HostFixture, until, type RunningHost } from './spec-support/host-fixture.js';
import { account, reply } from './spec-support/samples.js';
import { ScriptedProvider, scriptedChannel } from './spec-support/scripted-channels.js';

describe('consents', () => {
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

  const ROOM = 'sms:+491701234567:+49301234 ü';
  const at = (minute: number): string => `2026-11-21T08:${String(minute).padStart(2, '0')}:00.000Z`;
  const word = (evidence: string, minute: number, state = evidence === 'STOP' ? 'opted_out' : 'opted_in') => ({
    conversation_key: ROOM,
    state,
    evidence,
    at: at(minute),
  });

  const start = async (prefix: string, provider: ScriptedProvider) => {
    await fixture.topics(prefix);
    const channel = scriptedChannel(provider, { slug: `social-${prefix}`, capture: 'webhook', sending: 'once' });
    const accounts = [account(`${prefix}-a`, `social-${prefix}`), account(`${prefix}-b`, `social-${prefix}`)];
    hosts.push(await fixture.host(fixture.parts(prefix), [channel], accounts));
    let decided = 0;
    return {
      hear: async (...consents: object[]) => {
        await fixture.capture(prefix, channel, `${prefix}-a`, { consents });
        decided += 1;
        await until('heard', async () => (await fixture.fates(prefix)).length === decided);
      },
      answer: async (id: string, room = ROOM, to = 'a') => {
        const before = (await fixture.receipts(prefix)).length;
        await fixture.send(prefix, reply(id, `${prefix}-${to}`, `social-${prefix}`, room));
        await until('answered', async () => (await fixture.receipts(prefix)).length > before);
        return (await fixture.receipts(prefix)).at(-1);
      },
    };
  };

  it('hold back every reply to who opted out, until he opts in again', async () => {
    const provider = new ScriptedProvider();
    const { hear, answer } = await start('con1', provider);
    expect(await answer('con1-before')).toMatchObject({ status: 'sent' });
    await hear(word('STOP', 1));
    expect(await answer('con1-refused')).toMatchObject({
      status: 'failed',
      code: 'PERMISSION',
      reason: 'the customer opted out of messages with "STOP" at 2026-11-21T08:01:00Z',
    });
    expect(await answer('con1-other', 'another room')).toMatchObject({ status: 'sent' });
    expect(await answer('con1-account', ROOM, 'b')).toMatchObject({ status: 'sent' });
    await hear(word('START', 2));
    expect(await answer('con1-again')).toMatchObject({ status: 'sent' });
    expect(provider.sent).toEqual(['con1-before', 'con1-other', 'con1-account', 'con1-again']);
    expect((await fixture.state('con1-a'))?.notices).toEqual([]);
    expect((await fixture.fates('con1'))[0]).toMatchObject({ fate: 'ignored', rule: 'consent' });
    const rows = await fixture.rows("SELECT * FROM channels.consents WHERE account_id = 'con1-a'");
    expect(JSON.stringify(rows)).not.toContain('+49');
  });

  it('are ordered by the time of the provider, whatever comes first', async () => {
    const { hear, answer } = await start('con2', new ScriptedProvider());
    await hear(word('START', 5));
    await hear(word('STOP', 3));
    expect(await answer('con2-late-stop')).toMatchObject({ status: 'sent' });
    await hear(word('STOP', 9), word('START', 7));
    expect(await answer('con2-late-start')).toMatchObject({ status: 'failed' });
    await hear(word('START', 9));
    expect(await answer('con2-tie')).toMatchObject({ status: 'failed' });
  });
});
