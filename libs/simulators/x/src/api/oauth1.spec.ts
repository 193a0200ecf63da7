import { sign, signatureBase } from './oauth1.js';

// The worked example of developer.x.com, "Creating a signature".
describe('signatures of OAuth 1.0a', () => {
  it('gives the value of the documented example', () => {
    const base = signatureBase('post', 'https://api.twitter.com/1.1/statuses/update.json', [
      ['status', 'Hello Ladies + Gentlemen, a signed OAuth request!'],
      ['include_entities', 'true'],
      ['oauth_consumer_key', 'xvz1evFS4wEEPTGEFPHBog'],
      ['oauth_nonce', 'kYjzVBB8Y0ZFabxSWbWovY3uYSQ2pTgmZeNu2VS4cg'],
      ['oauth_signature_method', 'HMAC-SHA1'],
      ['oauth_timestamp', '1318622958'],
      ['oauth_token', '370773112-GmHxMAgYyLbNEtIKZeRNFsMKPR9EyMZeS9weJAEb'],
      ['oauth_version', '1.0'],
    ]);
    const secrets = [
      'kAcSOqF21Fu85e7zjz7ZN2U4ZRhfV3WpwPAoE3Z7kBw',
      'LswwdoUaIvS8ltyTt5jkRh4J50vUPVVHtR2YPi5kE',
    ] as const;
    expect(sign(base, ...secrets)).toBe('hCtSmYh+iHYCEqBWrE7C7hYmtUk=');
  });
});
