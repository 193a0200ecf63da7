import { createMailParser } from '../mail-parser.js';
import { readAuthentication } from './authentication-results.js';

const parser = createMailParser({ workers: 0 });
const dmarc = async (headers: string, ids = ['mx.shop.test']): Promise<string> =>
  readAuthentication(await parser.parse(Buffer.from(`${headers}\nFrom: Ann <ann@x.test>\n\nHi`)), ids).dmarc;

describe('readAuthentication', () => {
  it.each([
    [
      'pass',
      'Authentication-Results: mx.shop.test; spf=pass smtp.mailfrom=x.test; dkim=pass header.d=x.test; dmarc=pass (p=reject; dis=none) header.from=x.test',
    ],
    ['pass', 'Authentication-Results: "MX.shop.test" 1; dmarc = pass'],
    ['fail', 'Authentication-Results: mx.shop.test; dmarc=fail (p=none; dmarc=pass) header.from=x.test'],
    ['fail', 'Authentication-Results: mx.shop.test; dmarc=pass header.from=other.test'],
    ['none', 'Authentication-Results: mx.shop.test; dmarc=none header.from=x.test'],
    ['none', 'Authentication-Results: mx.shop.test; spf=pass smtp.mailfrom=x.test'],
    ['none', 'Authentication-Results: mx.shop.test; dmarc=temperror'],
    ['none', 'Authentication-Results: mx.shop.test; none'],
    ['unknown', 'Authentication-Results: mx.evil.test; dmarc=pass header.from=x.test'],
    ['unknown', 'Authentication-Results: mx.evil.test; dmarc=fail\nAuthentication-Results: mx.shop.test; dmarc=pass'],
    ['unknown', 'Authentication-Results: mx.shop.test.evil.test; dmarc=pass'],
    ['unknown', 'Authentication-Results: (mx.shop.test) evil.test; dmarc=pass'],
    ['unknown', 'Subject: none'],
    ['fail', 'Authentication-Results: mx.shop.test; dmarc=fail\nAuthentication-Results: mx.shop.test; dmarc=pass'],
  ])('%s: %s', async (verdict, headers) => expect(await dmarc(headers)).toBe(verdict));

  it('knows nothing when no server is configured as ours', async () => {
    expect(await dmarc('Authentication-Results: mx.shop.test; dmarc=pass', [])).toBe('unknown');
  });
});
