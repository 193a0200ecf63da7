import { TwitterApi } from 'twitter-api-v2';
import { DOCUMENTED_CRC, startXSimulator } from '../index.js';
import type { XSimulator } from '../index.js';
import { LoopbackAgent } from '../spec-support/agent.js';
import { HOUR, MINUTE, TestClock } from '../spec-support/clock.js';
import { startReceiver } from '../spec-support/receiver.js';
import type { Receiver } from '../spec-support/receiver.js';

const PUBLIC = 'https://support.example.com';
const HOOK = `${PUBLIC}/hooks/acme`;

interface HookList {
  data: { id: string; url: string; valid: boolean }[];
}

describe('webhooks of X', () => {
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
  const list = async () => ((await app.v2.get('webhooks')) as HookList).data;
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

  it('are registered after a challenge, listed, subscribed to and deleted', async () => {
    const id = await subscribe();
    expect(receiver.challenges).toHaveLength(1);
    expect(receiver.challenges[0]).toMatch(/^[A-Za-z0-9+/]{48}$/);
    expect(await list()).toEqual([{ id, url: HOOK, valid: true, created_at: expect.any(String) }]);
    const path = `account_activity/webhooks/${id}/subscriptions`;
    expect(await user().v2.get(`${path}/all`)).toEqual({ data: { subscribed: true } });
    const me = x.accounts()[0]?.id ?? '';
    expect(await app.v2.get(`${path}/all/list`)).toMatchObject({
      data: { webhook_id: id, webhook_url: HOOK, subscriptions: [{ user_id: me }] },
    });
    expect(await refusal(user().v2.post(`${path}/all`))).toContain('DuplicateSubscriptionFailed');
    expect(await refusal(app.v2.post(`${path}/all`))).toContain('Unsupported Authentication');
    expect(await app.v2.delete(`${path}/${me}/all`)).toEqual({ data: { subscribed: false } });
    expect(await refusal(app.v2.delete(`${path}/${me}/all`))).toContain('SubscriptionNotFound');
    expect(await app.v2.delete(`webhooks/${id}`)).toEqual({ data: { deleted: true } });
    expect(await refusal(app.v2.put(`webhooks/${id}`))).toContain('WebhookIdInvalid');
  });

  it('are refused when the address or the answer is wrong', async () => {
    const create = (url: string) => refusal(app.v2.post('webhooks', { url }));
    expect(await create('http://support.example.com/hooks/acme')).toContain('UrlValidationFailed');
    expect(await create('https://support.example.com:8443/hooks/acme')).toContain('UrlValidationFailed');
    expect(await create('https://support.example.com:443/hooks/acme')).toContain('UrlValidationFailed');
    receiver.secret = 'another secret';
    expect(await create(HOOK)).toContain('CrcValidationFailed');
    receiver.secret = x.app.clientSecret;
    x.configure({ webhook_limit: 1 });
    expect(await create(HOOK)).toBe('no refusal');
    expect(await create(HOOK)).toContain('DuplicateUrlFailed');
    expect(await create(`${HOOK}/other`)).toContain('WebhookLimitExceeded');
    expect(await refusal(user().v2.get('webhooks'))).toContain('Unsupported Authentication');
  });

  it('are told through both signature headers, by the Host that was registered', async () => {
    await subscribe();
    x.inbound({ kind: 'mention', from: 'alice', text: 'grüß euch' });
    await x.idle();
    const [event] = receiver.received;
    expect(event?.headers).toMatchObject({ host: 'support.example.com', 'content-type': 'application/json' });
    expect(event?.headers['x-twitter-webhooks-signature-oauth2']).toMatch(/^sha256=.{44}$/);
    expect(event?.headers['x-twitter-webhooks-signature']).toMatch(/^sha256=.{44}$/);
    x.configure({ signatures: 'oauth2' });
    x.inbound({ kind: 'mention', from: 'alice', text: 'again' });
    await x.idle();
    expect(receiver.received[1]?.headers['x-twitter-webhooks-signature']).toBeUndefined();
  });

  it.each([
    ['a wrong token', (response: { end(text: string): void }) => response.end('{"response_token":"sha256=no"}')],
    ['a redirect', (response: { writeHead(status: number): { end(): void } }) => response.writeHead(302).end()],
  ])('turn invalid at once by %s, and get nothing until they are validated again', async (_what, spoil) => {
    const id = await subscribe();
    receiver.answer = (method, response) => method === 'GET' && (spoil(response), true);
    expect(await x.crcNow()).toEqual([{ webhook_id: id, verdict: 'wrong', valid: false }]);
    expect((await list())[0]?.valid).toBe(false);
    x.inbound({ kind: 'dm', from: 'alice', text: 'is anybody there?' });
    await x.idle();
    expect(receiver.received).toEqual([]);
    expect(await refusal(app.v2.put(`webhooks/${id}`))).toContain('CrcValidationFailed');
    receiver.answer = undefined;
    expect(await app.v2.put(`webhooks/${id}`)).toEqual({ data: { valid: true } });
    x.inbound({ kind: 'dm', from: 'alice', text: 'hello?' });
    await x.idle();
    expect(receiver.kinds()).toEqual(['direct_message_events']);
  });

  it('turn invalid by errors that last only after 28 hours', async () => {
    await subscribe();
    receiver.answer = (_method, response) => (response.writeHead(503).end(), true);
    clock.advance(28 * HOUR);
    expect(await x.crcNow()).toMatchObject([{ verdict: 'transient', valid: true }]);
    clock.advance(1);
    expect(await x.crcNow()).toMatchObject([{ verdict: 'transient', valid: false }]);
    expect(await x.crcNow()).toEqual([]);
  });

  it('turn invalid by a spoilt challenge, as a fault', async () => {
    await subscribe();
    x.faults.add({ where: 'webhook', kind: 'crc_fail', match: '/hooks/acme', times: 1 });
    expect(await x.crcNow()).toMatchObject([{ verdict: 'wrong', valid: false }]);
  });

  it('are challenged every half hour once the last success is a day old', async () => {
    const timed = await startXSimulator({ clock, tls: x.tls, ...DOCUMENTED_CRC });
    timed.configure({ hook_hosts: { [PUBLIC]: receiver.url } });
    await timed.register({ url: HOOK });
    const before = receiver.challenges.length;
    // The clock's sleepers have gone on, and sleep again, once the event loop has turned.
    const halfAnHour = async (): Promise<void> => {
      clock.advance(30 * MINUTE);
      await new Promise((resolve) => setImmediate(resolve));
      await timed.idle();
    };
    for (let halfHours = 0; halfHours < 47; halfHours += 1) await halfAnHour();
    expect(receiver.challenges).toHaveLength(before);
    await halfAnHour();
    expect(receiver.challenges).toHaveLength(before + 1);
    await timed.close();
  });

  it('are not tried again by themselves, and wait ten seconds at most', async () => {
    await subscribe();
    receiver.answer = (_method, response) => (response.writeHead(500).end(), true);
    x.inbound({ kind: 'mention', from: 'alice', text: 'hello' });
    await x.idle();
    receiver.answer = () => true;
    x.configure({ webhook_timeout_ms: 50 });
    x.inbound({ kind: 'mention', from: 'bob', text: 'hello' });
    await x.idle();
    const events = x.deliveries().filter((delivery) => delivery.kind === 'tweet_create_events');
    expect(events.map(({ status, failure }) => status ?? failure)).toEqual([500, 'timeout']);
  });

  it('come twice, late or in another order when a fault says so', async () => {
    await subscribe();
    x.faults.add({ where: 'webhook', kind: 'duplicate', times: 1 });
    x.inbound({ kind: 'mention', from: 'alice', text: 'twice' });
    await x.idle();
    expect(receiver.received[0]?.raw).toEqual(receiver.received[1]?.raw);
    x.faults.add({ where: 'webhook', kind: 'reorder', times: 1 });
    const first = x.inbound({ kind: 'dm', from: 'alice', text: 'first' });
    const second = x.inbound({ kind: 'dm', from: 'alice', text: 'second' });
    await x.idle();
    const ids = receiver.received
      .slice(2)
      .map(({ json }) => (json['direct_message_events'] as { id: string }[])[0]?.id);
    expect(ids).toEqual([second.id, first.id]);
  });
});
