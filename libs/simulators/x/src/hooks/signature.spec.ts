import { DEFAULT_APP } from '../options.js';
import { responseToken, signatureHeaders } from './signature.js';

// Computed apart from this code, with Python: "sha256=" + b64encode(hmac.new(secret, message, sha256).digest()).
const app = { ...DEFAULT_APP, clientSecret: 'client-secret-1', consumerSecret: 'consumer-secret-1' };
const token = 'YmQ4ODI5NDItMTQ2My00YzE0LWI0NjktYzU0ZmZiZmQ5ZDQ4';
const body = Buffer.from('{"for_user_id":"1500000000000000001","text":"Grüße ☕"}', 'utf8');

describe('signatures of X', () => {
  it('answers a challenge by the client secret, or by the consumer secret of an old app', () => {
    expect(responseToken(app, 'both', token)).toBe('sha256=hLXhyj4DRbyTdGGevfmEaasvguB0XRlaThm5FeZfq80=');
    expect(responseToken(app, 'oauth2', token)).toBe('sha256=hLXhyj4DRbyTdGGevfmEaasvguB0XRlaThm5FeZfq80=');
    expect(responseToken(app, 'legacy', token)).toBe('sha256=eTgZJQG522FaNbfx/trEBDBHeJNMQeq68G0uuP+LQiQ=');
  });

  it('signs the raw body, in both headers or in one', () => {
    const now = { 'X-Twitter-Webhooks-Signature-OAuth2': 'sha256=u99CVz4wO5yGMvzT3UoalftUHeZ0DtxGT7Zph99Iv0k=' };
    const old = { 'X-Twitter-Webhooks-Signature': 'sha256=cIOt6TvJrzgunXuCWuXHpptu4Lk/yliEHPOxbyXw2J0=' };
    expect(signatureHeaders(app, 'both', body)).toEqual({ ...now, ...old });
    expect(signatureHeaders(app, 'oauth2', body)).toEqual(now);
    expect(signatureHeaders(app, 'legacy', body)).toEqual(old);
  });
});
