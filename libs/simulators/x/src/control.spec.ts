import { readFile, rm } from 'node:fs/promises';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ApiRequestError, ApiResponseError, TwitterApi } from 'twitter-api-v2';
import { startXSimulator } from './index.js';
import type { XSimulator } from './index.js';
import { LoopbackAgent } from './spec-support/agent.js';
import { startReceiver } from './spec-support/receiver.js';

interface Answer {
  status: number;
  type: string | undefined;
  bytes: Buffer;
  json: Record<string, unknown>;
}

describe('control of X, its faults and media', () => {
  let x: XSimulator;

  beforeEach(async () => {
    x = await startXSimulator();
  });
  afterEach(() => x.close());

  const call = (method: string, url: string, body?: unknown, headers: Record<string, string> = {}): Promise<Answer> =>
    new Promise((resolve, reject) => {
      const target = new URL(url, 'https://api.x.com');
      const agent = new LoopbackAgent(x);
      const sent = request(target, { method, agent, headers }, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () => {
          const bytes = Buffer.concat(chunks);
          const type = response.headers['content-type'];
          const json = type?.includes('json') === true ? (JSON.parse(bytes.toString()) as Record<string, unknown>) : {};
          resolve({ status: response.statusCode ?? 0, type, bytes, json });
        });
      });
      sent.on('error', reject);
      sent.end(body === undefined ? undefined : JSON.stringify(body));
    });
  const user = () => new TwitterApi(x.tokens().accessToken, { httpAgent: new LoopbackAgent(x) });
  const caught = (work: Promise<unknown>): Promise<unknown> =>
    work.then(
      () => undefined,
      (error: unknown) => error,
    );

  it('has the same calls over HTTP as the handle', async () => {
    const about = await call('GET', '/_control/');
    expect(about.json).toMatchObject({ vendor: 'x', accounts: [{ username: 'AcmeHelp' }], app: { id: x.app.id } });
    const receiver = await startReceiver(x.app.clientSecret);
    await call('POST', '/_control/config', { hook_hosts: { 'https://support.example.com': receiver.url } });
    const hook = await call('POST', '/_control/webhooks', { url: 'https://support.example.com/hooks/acme' });
    expect(hook.json).toMatchObject({ valid: true });
    const made = await call('POST', '/_control/inbound', { kind: 'mention', from: 'alice', text: 'hello' });
    await x.idle();
    expect(receiver.received).toHaveLength(1);
    await user().v2.reply('hello Alice', String(made.json['id']));
    expect((await call('GET', '/_control/sent')).json['data']).toMatchObject([{ kind: 'post', text: 'hello Alice' }]);
    await x.idle();
    const { data } = (await call('GET', '/_control/deliveries')).json as { data: { kind: string; status: number }[] };
    expect(data.map(({ kind, status }) => `${kind} ${status}`)).toEqual([
      'crc 200',
      'tweet_create_events 200',
      'tweet_create_events 200',
    ]);
    expect((await call('POST', '/_control/crc')).json).toMatchObject({ data: [{ verdict: 'passed' }] });
    expect((await call('POST', '/_control/authorise', {})).json['access_token']).toBe(x.tokens().accessToken);
    await call('POST', '/_control/reset');
    expect(x.sent()).toEqual([]);
    expect(x.webhooks()).toHaveLength(1);
    expect((await user().v2.userMentionTimeline(x.accounts()[0]?.id ?? '')).meta.result_count).toBe(0);
    await receiver.close();
  });

  it.each([
    ['/_control/inbound', { kind: 'shout', from: 'alice' }, '"kind" must be one of'],
    ['/_control/inbound', { kind: 'dm', from: 'alice' }, '"text" must be'],
    ['/_control/inbound', { kind: 'reply', from: 'alice', text: 'to what?' }, 'has written nothing yet'],
    ['/_control/inbound', { kind: 'dm', from: 'no spaces please', text: 'x' }, 'is no username'],
    ['/_control/inbound', { kind: 'dm', from: 'alice', to: 'nobody', text: 'x' }, 'no account nobody'],
    ['/_control/config', { signature: 'both' }, 'no setting "signature"'],
    ['/_control/config', { signatures: 'none' }, 'must be one of both, oauth2, legacy'],
    ['/_control/config', { credits: 'many' }, 'must be a number or null'],
    ['/_control/webhooks', { url: 'http://support.example.com' }, 'UrlValidationFailed'],
  ])('says what is wrong with %s %j', async (path, body, message) => {
    const answer = await call('POST', path, body);
    expect(answer.status).toBe(400);
    expect(JSON.stringify(answer.json)).toContain(JSON.stringify(message).slice(1, -1));
  });

  it('carries a post out and cuts the line, so that the sender cannot know', async () => {
    x.faults.add({ where: 'api', kind: 'no_answer_after_accept', match: '^/2/tweets$', times: 1 });
    expect(await caught(user().v2.tweet('did it go?'))).toBeInstanceOf(ApiRequestError);
    expect(x.sent()).toMatchObject([{ text: 'did it go?' }]);
    const own = await user().v2.userTimeline(x.accounts()[0]?.id ?? '');
    expect(own.tweets.map((tweet) => tweet.text)).toEqual(['did it go?']);
  });

  it.each([
    [401, 'Unauthorized'],
    [402, 'CreditsDepleted'],
    [429, 'Too Many Requests'],
    [503, 'Service Unavailable'],
  ])('answers %s with the body of X', async (status, title) => {
    x.faults.add({ where: 'api', kind: 'status', status, times: 1, delayMs: 60_000 });
    const error = await caught(user().v2.listDmEvents());
    expect(error).toBeInstanceOf(ApiResponseError);
    expect(error).toMatchObject({ code: status, data: { title } });
    if (status === 429) {
      const { rateLimit } = error as ApiResponseError;
      expect(rateLimit).toMatchObject({ limit: 15, remaining: 0 });
      expect((rateLimit?.reset ?? 0) - Date.now() / 1000).toBeLessThan(62);
    }
  });

  it('does nothing for a call that a fault drops', async () => {
    x.faults.add({ where: 'api', kind: 'drop', match: '^/2/tweets', times: 1 });
    expect(await caught(user().v2.tweet('lost'))).toBeInstanceOf(ApiRequestError);
    expect(x.sent()).toEqual([]);
  });

  it('serves media of posts to anybody, of direct messages to the two only, and nothing that is gone', async () => {
    const png = Buffer.from('89504e470d0a1a0a', 'hex');
    x.inbound({ kind: 'mention', from: 'alice', text: 'look', media: [{ base64: png.toString('base64') }] });
    const { id } = x.inbound({ kind: 'dm', from: 'alice', text: 'look', media: [{}] });
    const me = x.accounts()[0]?.id ?? '';
    const page = await user().v2.userMentionTimeline(me, {
      expansions: ['attachments.media_keys'],
      'media.fields': ['url'],
    });
    const photo = page.includes.media[0]?.url ?? '';
    const open = await call('GET', photo);
    expect(open).toMatchObject({ status: 200, type: 'image/png' });
    expect(open.bytes).toEqual(png);
    const events = await user().v2.listDmEvents({ expansions: ['attachments.media_keys'], 'media.fields': ['url'] });
    const secret = events.includes.media[0]?.url ?? '';
    expect(secret).toContain(id);
    expect((await call('GET', secret)).status).toBe(401);
    const bearer = { authorization: `Bearer ${x.tokens().accessToken}` };
    expect((await call('GET', secret, undefined, bearer)).status).toBe(200);
    expect((await call('GET', secret, undefined, { authorization: `Bearer ${x.app.bearerToken}` })).status).toBe(403);
    x.inbound({ kind: 'delete', from: 'alice' });
    expect((await call('GET', photo)).status).toBe(404);
    x.faults.add({ where: 'media', kind: 'status', status: 503, times: 1 });
    expect((await call('GET', secret, undefined, bearer)).status).toBe(503);
  });

  it('gives the app its own token, and writes the authority to trust to a file', async () => {
    const { consumerKey, consumerSecret, bearerToken } = x.app;
    const keys = { appKey: consumerKey, appSecret: consumerSecret };
    const settings = { httpAgent: new LoopbackAgent(x) };
    const client = await new TwitterApi(keys, settings).appLogin();
    expect((await client.v2.userByUsername('acmehelp')).data.username).toBe('AcmeHelp');
    expect(client.getActiveTokens()).toMatchObject({ bearerToken });
    expect(await caught(new TwitterApi({ ...keys, appSecret: 'guess' }, settings).appLogin())).toMatchObject({
      code: 403,
    });
    const file = join(tmpdir(), `x-simulator-${x.port}.pem`);
    await x.writeCa(file);
    expect(await readFile(file, 'utf8')).toBe(x.ca);
    await rm(file);
    expect((await call('GET', '/2/somewhere/else')).status).toBe(404);
  });
});
