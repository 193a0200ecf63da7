import { GraphError, GraphSilence } from './graph-error.js';
import { graphErrorOf, waitMsOf } from './graph-error.js';
import { graphFault, statusFault } from './errors.js';
import { appSecretProof } from './graph-client.js';
import { checkApiUrl, trustedOriginsOf } from './settings.js';

describe('what Graph answers', () => {
  it.each<[number, number | undefined, number, string]>([
    [190, 463, 401, 'AUTH'],
    [10, 2018278, 400, 'UNSUPPORTED'],
    [10, 2534022, 403, 'UNSUPPORTED'],
    [10, undefined, 403, 'PERMISSION'],
    [200, undefined, 403, 'PERMISSION'],
    [230, undefined, 400, 'PERMISSION'],
    [4, undefined, 400, 'RATE_LIMITED'],
    [80007, undefined, 429, 'RATE_LIMITED'],
    [1, undefined, 500, 'TRANSIENT'],
    [2, undefined, 503, 'TRANSIENT'],
    [100, 33, 400, 'BAD_PAYLOAD'],
    [100, 2018001, 400, 'UNSUPPORTED'],
    [551, 1545041, 400, 'UNSUPPORTED'],
    [132000, undefined, 400, 'BAD_PAYLOAD'],
    [131026, undefined, 400, 'UNSUPPORTED'],
    [2635, undefined, 400, 'CONFIG'],
    [999999, undefined, 502, 'TRANSIENT'],
    [999999, undefined, 400, 'BAD_PAYLOAD'],
  ])('%i/%p with status %i is %p-coded', (code, subcode, status, expected) => {
    expect(graphFault(new GraphError(status, code, subcode, 'words', undefined)).code).toBe(expected);
  });

  it('carries no token, whatever Meta repeats', () => {
    const said = 'Malformed access token EAALrdemoPageToken104857620015542';
    const error = graphErrorOf(400, { error: { message: said, code: 190 } }, {});
    expect(error?.message).toMatch(/Malformed access token \[token\]/);
    expect(graphFault(error).message).not.toMatch(/EAAL/);
  });

  it('says how long to wait', () => {
    const usage = JSON.stringify({ '1': [{ type: 'pages', call_count: 100, estimated_time_to_regain_access: 3 }] });
    expect(waitMsOf({ 'x-business-use-case-usage': usage, 'x-app-usage': 'nonsense' })).toBe(180_000);
    expect(waitMsOf({ 'retry-after': '7' })).toBe(7_000);
    expect(waitMsOf({ 'x-app-usage': '{"call_count":20}' })).toBeUndefined();
    const throttle = new GraphError(400, 4, undefined, 'limit', waitMsOf({ 'x-business-use-case-usage': usage }));
    expect(graphFault(throttle)).toMatchObject({ code: 'RATE_LIMITED', retryAfterMs: 180_000 });
  });

  it('fails a message afterwards in words for people', () => {
    expect(statusFault(131049, 'x')).toMatchObject({
      code: 'UNSUPPORTED',
      reason: expect.stringMatching(/too many messages/),
    });
    expect(graphFault(new GraphSilence('gone', true)).code).toBe('TRANSIENT');
  });
});

describe('the calls', () => {
  it('are proven as Meta documents it', () => {
    // printf '%s' token-of-the-page | openssl dgst -sha256 -hmac secret-of-the-app
    expect(appSecretProof('secret-of-the-app', 'token-of-the-page')).toBe(
      '9ba5ce67578675599ab4fa15be85dffb5ff64b63073cf3b29154276c6a039929',
    );
  });

  it('go to https, or to this machine', () => {
    expect(checkApiUrl('https://graph.facebook.com/')).toBe('https://graph.facebook.com');
    expect(checkApiUrl('http://127.0.0.1:4020')).toBe('http://127.0.0.1:4020');
    for (const wrong of ['http://graph.example', 'ftp://x', 'graph.facebook.com', 'https://a:b@c.example', ''])
      expect(() => checkApiUrl(wrong)).toThrow(/api_url/);
    expect(trustedOriginsOf('http://127.0.0.1:4020')).toEqual(['http://127.0.0.1:4020']);
    expect(trustedOriginsOf('https://proxy.example')).toEqual([]);
  });
});
