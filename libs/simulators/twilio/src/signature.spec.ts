import { signatureOf, withBodyHash } from './index.js';

/** Each expected value was computed by the SDK's getExpectedTwilioSignature (twilio 6.2.0); the first is in Twilio's docs. */
describe('signatures', () => {
  it.each([
    [
      'RSOYDt4T1cUTdK1PDd93/VVr8B8=',
      '12345',
      'https://mycompany.com/myapp.php?foo=1&bar=2',
      {
        CallSid: 'CA1234567890ABCDE',
        Caller: '+14158675309',
        Digits: '1234',
        From: '+14158675309',
        To: '+18005551212',
      },
    ],
    [
      '4wU9sCcCEhaYnJ+xunFXYho/De8=',
      's3cret-token',
      'https://fanin.example:8443/hooks/phone/sms?x=%C3%BC',
      { Body: ' Grüße & <more> ', From: '+4915112345678', To: '+12025550100', NumMedia: '0', FromCity: '' },
    ],
    [
      'xkHkllAPRrsGoEvpy3mK3swTFN4=',
      's3cret-token',
      'https://fanin.example/hooks',
      { MediaUrl: ['b', 'a', 'b'], Body: 'x' },
    ],
    [
      'VTqRlE/HWL/Oc3jbCr9ntKKhwrI=',
      's3cret-token',
      'https://fanin.example/hooks?bodySHA256=57de2882cc89c2df70a9217cbb6df540ade45b698faae11d10475796698548c6',
      {},
    ],
  ])('are %s', (expected, token, url, params) => {
    expect(signatureOf(token, url, params)).toBe(expected);
  });

  it('cover a JSON body by its hash in the URL', () => {
    const hash = '57de2882cc89c2df70a9217cbb6df540ade45b698faae11d10475796698548c6';
    expect(withBodyHash('https://fanin.example/hooks', '[{"id":"EV1"}]')).toBe(
      `https://fanin.example/hooks?bodySHA256=${hash}`,
    );
    expect(withBodyHash('https://fanin.example/hooks?a=1', '[{"id":"EV1"}]')).toBe(
      `https://fanin.example/hooks?a=1&bodySHA256=${hash}`,
    );
  });
});
