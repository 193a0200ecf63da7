import { createHmac } from 'node:crypto';
import { channelContract, webhookRequest } from '@fanin/connector-kit';
import { EchoAnswer, translate } from './errors.js';
import { channel } from './index.js';

const SECRET = 'a-secret-of-the-tests-only';

channelContract({
  channel,
  source: import.meta.dirname,
  config: { signing_secret: SECRET },
  otherConfig: { signing_secret: 'another-secret-of-the-tests' },
  errors: {
    translate,
    cases: [
      { what: 'refused token (401)', error: new EchoAnswer(401), code: 'AUTH' },
      { what: 'fault of the echo (503)', error: new EchoAnswer(503), code: 'TRANSIENT' },
    ],
  },
  webhook: {
    signatureHeaders: ['x-echo-signature'],
    request: (body, contentType) =>
      webhookRequest({
        body,
        headers: {
          'content-type': contentType,
          'x-echo-signature': createHmac('sha256', SECRET).update(body).digest('hex'),
        },
      }),
  },
});
