import { TwitterApi } from 'twitter-api-v2';
import { startXSimulator } from '../index.js';
import type { XSimulator } from '../index.js';
import { LoopbackAgent } from '../spec-support/agent.js';
import { DAY, HOUR, MINUTE, TestClock } from '../spec-support/clock.js';
import { startReceiver } from '../spec-support/receiver.js';
import type { Receiver } from '../spec-support/receiver.js';

const PUBLIC = 'https://support.example.com';
const HOOK = `${PUBLIC}/hooks/acme`;

describe('replay of X', () => {
  let clock: TestClock;
  let receiver: Receiver;
  let x: XSimulator;
  let app: TwitterApi;

  beforeEach(async () => {
    clock = new TestClock();
    x = await startXSimulator({ clock });
    receiver = await startReceiver(x.app.clientSecret);
    x.configure({ hook_hosts: { [PUBLIC]: receiver.url } });
    app = new TwitterApi(x.app.bearerToken, { httpAgent: new LoopbackAgent(x) });
  });
  afterEach(async () => {
    await x.close();
    await receiver.close();
  });

  const user = () => new TwitterApi(x.tokens().accessToken, { httpAgent: new LoopbackAgent(x) });
  const refusal = async (call: Promise<unknown>): Promise<string> =>
    call.then(
      () => 'no refusal',
      (error: unknown) => JSON.stringify((error as { data: unknown }).data),
    );
  const subscribe = async (): Promise<string> => {
    const { data } = (await app.v2.post('webhooks', { url: HOOK })) as { data: { id: string } };
    await user().v2.post(`account_activity/webhooks/${data.id}/subscriptions/all`);
    return data.id;
  };
  const stamp = (ms: number): string => new Date(ms).toISOString().replace(/[-:T]/g, '').slice(0, 12);
  const path = (id: string) => `account_activity/replay/webhooks/${id}/subscriptions/all`;
  const replay = (id: string, fromMs: number, toMs: number) =>
    app.v2.post(path(id), undefined, { query: { from_date: stamp(fromMs), to_date: stamp(toMs) } });

  it('brings again what was missed, in order, and says when it is over', async () => {
    const id = await subscribe();
    const began = clock.now();
    receiver.answer = (_method, response) => (response.end('{}'), true);
    await x.crcNow();
    receiver.answer = undefined;
    const made = ['one', 'two', 'three'].map((text) => {
      clock.advance(MINUTE);
      return x.inbound({ kind: 'mention', from: 'alice', text }).id;
    });
    await x.idle();
    expect(receiver.received).toEqual([]);
    clock.advance(HOUR);
    const answer = await replay(id, began, began + 10 * MINUTE);
    expect(answer).toMatchObject({ replay_event: { job_id: expect.any(String) } });
    await x.idle();
    expect(receiver.kinds()).toEqual([...made.map(() => 'tweet_create_events'), 'replay_job_status']);
    const posts = receiver.received.slice(0, 3).map(({ json }) => json['tweet_create_events'] as { id_str: string }[]);
    expect(posts.map(([post]) => post?.id_str)).toEqual(made);
    expect(receiver.received[3]?.json).toMatchObject({
      replay_job_status: { webhook_id: id, job_state: 'Complete', job_id: answer.replay_event.job_id },
    });
  });

  it('takes the minute of from_date in and leaves the minute of to_date out', async () => {
    const id = await subscribe();
    const began = clock.now();
    for (const [minute, text] of [
      [0, 'in'],
      [1, 'in, too'],
      [2, 'out'],
    ] as const) {
      clock.advance(began + minute * MINUTE - clock.now());
      x.inbound({ kind: 'mention', from: 'alice', text });
    }
    await x.idle();
    receiver.received.length = 0;
    clock.advance(HOUR);
    await replay(id, began, began + 2 * MINUTE);
    await x.idle();
    expect(receiver.kinds()).toEqual(['tweet_create_events', 'tweet_create_events', 'replay_job_status']);
  });

  it('is Incomplete when a delivery fails', async () => {
    const id = await subscribe();
    x.inbound({ kind: 'mention', from: 'alice', text: 'hello' });
    await x.idle();
    clock.advance(HOUR);
    let events = 0;
    receiver.answer = (method, response) =>
      method === 'POST' && (events += 1) === 1 && (response.writeHead(500).end(), true);
    await replay(id, clock.now() - 2 * HOUR, clock.now() - 31 * MINUTE);
    await x.idle();
    expect(receiver.received.at(-1)?.json).toMatchObject({ replay_job_status: { job_state: 'Incomplete' } });
  });

  it('is refused outside its windows, twice at a time, and without a good challenge', async () => {
    const id = await subscribe();
    x.inbound({ kind: 'mention', from: 'alice', text: 'hello' });
    await x.idle();
    clock.advance(2 * HOUR);
    const now = clock.now();
    const attempt = (fromMs: number, toMs: number) => refusal(replay(id, fromMs, toMs));
    expect(await attempt(now - DAY - MINUTE, now - HOUR)).toContain('older than 24 hours');
    expect(await attempt(now - 30 * MINUTE, now - 20 * MINUTE)).toContain('31 minutes');
    expect(await attempt(now - HOUR, now - 9 * MINUTE)).toContain('10 minutes');
    expect(await attempt(now - HOUR, now - 2 * HOUR)).toContain('more recent than to_date');
    expect(await attempt(now - HOUR, now + HOUR)).toContain('future');
    const wrong = { query: { from_date: 'yesterday', to_date: '202611220000' } };
    expect(await refusal(app.v2.post(path(id), undefined, wrong))).toContain('yyyymmddhhmm');
    x.faults.add({ where: 'webhook', kind: 'crc_fail', times: 1 });
    expect(await attempt(now - 3 * HOUR, now - HOUR)).toContain('CrcValidationFailed');
    const arrived = new Promise<() => void>((resolve) => {
      receiver.answer = (method, response) => method === 'POST' && (resolve(() => response.end()), true);
    });
    await replay(id, now - 3 * HOUR, now - HOUR);
    expect(await attempt(now - 3 * HOUR, now - HOUR)).toContain('ReplayConflictError');
    const release = await arrived;
    receiver.answer = undefined;
    release();
    await x.idle();
    const body = { webhook_id: id, from_date: stamp(now - 3 * HOUR), to_date: stamp(now - HOUR) };
    expect(await app.v2.post('webhooks/replay', body)).toMatchObject({ job_id: expect.any(String) });
    await x.idle();
  });
});
