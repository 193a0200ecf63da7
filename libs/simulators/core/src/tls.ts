import { generate } from 'selfsigned';

/** What a TLS simulator serves with, and the authority that a client has to trust. */
export interface SelfSigned {
  key: string;
  cert: string;
  ca: string;
}

/** A certificate for these names (and for 127.0.0.1 and localhost), signed by an authority made for it alone. */
export async function selfSignedFor(hosts: string[]): Promise<SelfSigned> {
  const ca = await generate([{ name: 'commonName', value: 'Simulated vendor authority' }], {
    keyType: 'ec',
    algorithm: 'sha256',
    extensions: [
      { name: 'basicConstraints', cA: true, critical: true },
      { name: 'keyUsage', keyCertSign: true, cRLSign: true, digitalSignature: true, critical: true },
    ],
  });
  const names = [...new Set([...hosts, 'localhost'])];
  const leaf = await generate([{ name: 'commonName', value: names[0] ?? 'localhost' }], {
    keyType: 'ec',
    algorithm: 'sha256',
    ca: { key: ca.private, cert: ca.cert },
    extensions: [
      { name: 'basicConstraints', cA: false },
      { name: 'keyUsage', digitalSignature: true, keyEncipherment: true },
      { name: 'extKeyUsage', serverAuth: true },
      {
        name: 'subjectAltName',
        altNames: [...names.map((value) => ({ type: 2 as const, value })), { type: 7 as const, ip: '127.0.0.1' }],
      },
    ],
  });
  return { key: leaf.private, cert: leaf.cert, ca: ca.cert };
}
