import { channelContract } from '@fanin/connector-kit';
import { graphErrorCases, metaRequest } from '@fanin/meta';
import { translate } from './errors.js';
import { channel } from './index.js';
import { APP_SECRET, configFor, TOKEN, SimulatedNumber } from './testing/simulated-number.js';

const started = SimulatedNumber.start();
const CONTENT = Buffer.from('%PDF-1.7 invoice of a simulated customer');
const EIGHT_DAYS_MS = 8 * 24 * 3_600_000;

channelContract({
  channel,
  source: import.meta.dirname,
  config: async () => configFor((await started).meta.url),
  otherConfig: {
    ...configFor('http://127.0.0.1:9'),
    app_id: '821904350119288',
    app_secret: '0e6d1c4f8b2a4975bd3c6e1f7a908b52',
    verify_token: 'another-verify-token',
  },
  errors: { translate, cases: graphErrorCases('whatsapp') },
  webhook: {
    signatureHeaders: ['x-hub-signature-256'],
    request: (body, contentType) => metaRequest(body, APP_SECRET, contentType),
  },
  sending: {
    reply: async () => (await started).freshReply(),
    sent: async () => (await started).meta.sent().map(({ id }) => id),
    cutOff: async () =>
      void (await started).meta.faults.add({
        where: 'api',
        kind: 'no_answer_after_accept',
        match: '/messages',
        times: 1,
      }),
    closed: async () => {
      const number = await started;
      const reply = await number.freshReply();
      const long = new Date(Date.now() - EIGHT_DAYS_MS).toISOString();
      return { ...reply, provider_fields: { ...reply.provider_fields, window_from: long } };
    },
  },
  credentials: {
    revoke: async () => (await started).meta.configure({ tokens: { [TOKEN]: 'revoked' } }),
    repair: async () => (await started).meta.configure({ tokens: { [TOKEN]: 'valid' } }),
  },
  media: {
    present: async () => ({ attachment: await (await started).document(CONTENT), content: CONTENT }),
    gone: async () => (await started).goneDocument(),
    hang: async () => void (await started).meta.faults.add({ where: 'media', kind: 'hang' }),
  },
  ownMessagesNeverReturn:
    'WhatsApp does not hand back what was sent by the API; echoes come only of the app on a phone.',
  close: async () => (await started).meta.close(),
});
