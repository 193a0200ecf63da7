import { get } from 'node:https';
import { TwitterApi } from 'twitter-api-v2';
import { startXSimulator } from '../index.js';
import type { XSimulator } from '../index.js';
import { LoopbackAgent } from '../spec-support/agent.js';
import { sign, signatureBase } from './oauth1.js';

describe('callers of X', () => {
  let x: XSimulator;

  beforeEach(async () => {
    x = await startXSimulator();
  });
  afterEach(() => x.close());

  const ask = (authorization?: string): Promise<number> =>
    new Promise((resolve, reject) => {
      const headers = authorization === undefined ? {} : { authorization };
      get('https://api.x.com/2/users/me', { agent: new LoopbackAgent(x), headers }, (response) => {
        response.resume();
        response.on('end', () => resolve(response.statusCode ?? 0));
      }).on('error', reject);
    });

  const oauth1 = (nonce: string, url = 'https://api.x.com/2/users/me'): string => {
    const { oauthToken, oauthTokenSecret } = x.tokens();
    const parameters: [string, string][] = [
      ['oauth_consumer_key', x.app.consumerKey],
      ['oauth_nonce', nonce],
      ['oauth_signature_method', 'HMAC-SHA1'],
      ['oauth_timestamp', '1763800000'],
      ['oauth_token', oauthToken],
      ['oauth_version', '1.0'],
    ];
    const signature = sign(signatureBase('GET', url, parameters), x.app.consumerSecret, oauthTokenSecret);
    const all = [...parameters, ['oauth_signature', signature] as const];
    return `OAuth ${all.map(([name, value]) => `${name}="${encodeURIComponent(value)}"`).join(', ')}`;
  };

  it('sign each call anew: a nonce is good once, and a signature for one address only', async () => {
    const header = oauth1('first');
    expect(await ask(header)).toBe(200);
    expect(await ask(header)).toBe(401);
    expect(await ask(oauth1('second'))).toBe(200);
    expect(await ask(oauth1('third', 'https://api.x.com/2/users/you'))).toBe(401);
  });

  it('are nobody without credentials, or with unknown ones', async () => {
    expect(await ask()).toBe(401);
    expect(await ask('Bearer guess')).toBe(401);
    expect(await ask(`Bearer ${x.app.bearerToken}`)).toBe(403);
  });

  it('are told of the day beside the quarter of an hour where both are limited', async () => {
    const { user_id: alice } = x.inbound({ kind: 'dm', from: 'alice', text: 'hi' });
    const user = new TwitterApi(x.tokens().accessToken, { httpAgent: new LoopbackAgent(x) });
    const path = `dm_conversations/with/${alice}/messages`;
    const { rateLimit } = await user.v2.post(path, { text: 'hello' }, { fullResponse: true });
    expect(rateLimit).toMatchObject({ limit: 15, remaining: 14, userDay: { limit: 1440, remaining: 1439 } });
    x.configure({ rate_limits: { 'POST /2/dm_conversations/with/:participant_id/messages': 1 } });
    await expect(user.v2.post(path, { text: 'again' })).rejects.toMatchObject({ code: 429 });
    expect(x.sent()).toHaveLength(1);
  });

  it('lose their token by a fault, for as long as it lasts', async () => {
    x.faults.add({ where: 'api', kind: 'revoked_token', times: 1 });
    expect(await ask(oauth1('any'))).toBe(401);
    expect(await ask(oauth1('any'))).toBe(200);
  });
});
