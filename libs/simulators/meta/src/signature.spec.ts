import { appSecretProof, encodeBody, hubSignature } from './signature.js';

const SECRET = '5f1d7e84c0b94a6c8a3a2bd97e0c6f41';

/** Vectors made by `openssl dgst -sha256 -hmac <secret>` over the bytes written here. */
describe('the signature of a delivery', () => {
  it('is HMAC-SHA256 over the raw bytes', () => {
    const body = encodeBody({ object: 'page', entry: [] });
    expect(body.toString('latin1')).toBe('{"object":"page","entry":[]}');
    expect(hubSignature(SECRET, body)).toBe('sha256=866851ef57f89bfec6d9a84618f58622dbd2f6ed6ae815e7a4a229bb3a09b592');
  });

  it('is over the escaped form: non-ASCII as lower-case \\uXXXX, also beyond the basic plane', () => {
    const body = encodeBody({ object: 'page', text: 'äöå → 🚀 Ångström' });
    expect(body.toString('latin1')).toBe(
      '{"object":"page","text":"\\u00e4\\u00f6\\u00e5 \\u2192 \\ud83d\\ude80 \\u00c5ngstr\\u00f6m"}',
    );
    expect(hubSignature(SECRET, body)).toBe('sha256=f1e54a7d1f1dd60c676c1aa8c147f2ea07e01999737b4431f484811accf3588b');
    expect(hubSignature(SECRET, Buffer.from(JSON.stringify(JSON.parse(body.toString()))))).not.toContain(
      'f1e54a7d1f1dd60c676c1aa8c147f2ea07e01999737b4431f484811accf3588b',
    );
  });

  it('has slashes escaped, as Meta’s examples show', () => {
    const body = encodeBody({ url: 'https://shop.example/a' });
    expect(body.toString('latin1')).toBe('{"url":"https:\\/\\/shop.example\\/a"}');
    expect(hubSignature(SECRET, body)).toBe('sha256=2c4bbbdc6e5765fb5267e641989e3fa9778ea8220eaa058e53f413189f3dae5a');
  });
});

it('appsecret_proof is HMAC-SHA256 of the token, keyed with the app secret', () => {
  expect(appSecretProof(SECRET, 'EAALrdemoPageToken104857620015542')).toBe(
    'f93393590999d6bf60dbdbb8b47f7dd8a617f2c07d49ae7b34ce889928c7652d',
  );
});
