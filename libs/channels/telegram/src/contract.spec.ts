import { randomBytes } from 'node:crypto';
import { channelContract, sampleReply, webhookRequest, type WebhookRequest } from '@fanin/connector-kit';
import { BotApiRefusal, BotApiUnreachable } from './bot-api-error.js';
import { translate } from './errors.js';
import { channel } from './index.js';
import { BotApiServer, CHAT, TOKEN } from './spec-support/bot-api-server.js';
import { SECRET_HEADER } from './verify.js';

const SECRET = 'a-secret-of-the-tests-only';
const server = new BotApiServer();
const file = (ref: string) => ({ ref, name: 'a.bin', content_type: 'application/octet-stream', inline: false });
const request = (body: Buffer, contentType = 'application/json'): WebhookRequest =>
  webhookRequest({ body, headers: { 'content-type': contentType, [SECRET_HEADER]: SECRET } });
const refused = (status: number, description: string, method = 'sendMessage'): BotApiRefusal =>
  new BotApiRefusal(method, status, description);
let replies = 0;

channelContract({
  channel,
  source: import.meta.dirname,
  // Polling: with a webhook set, the second door lists nothing (upkeep.spec.ts).
  config: async () => ({
    bot_token: TOKEN,
    webhook_secret: SECRET,
    receive_by: 'polling',
    poll_seconds: 0,
    api_url: await server.start(),
  }),
  otherConfig: { bot_token: `220201543${TOKEN.slice(9)}`, webhook_secret: 'another-secret-of-the-tests' },
  errors: {
    translate,
    cases: [
      { what: 'token revoked or wrong (401, 404)', error: refused(401, 'Unauthorized', 'getMe'), code: 'AUTH' },
      {
        what: 'bot blocked by the user (403)',
        error: refused(403, 'Forbidden: bot was blocked by the user'),
        code: 'UNSUPPORTED',
      },
      {
        what: 'too many messages (429)',
        error: refused(429, 'Too Many Requests: retry after 7'),
        code: 'RATE_LIMITED',
      },
      {
        what: 'chat, message or file unknown (400)',
        error: refused(400, 'Bad Request: chat not found'),
        code: 'BAD_PAYLOAD',
      },
      {
        what: 'our address refused (400 of setWebhook)',
        error: refused(400, 'Bad Request: bad webhook: An HTTPS URL must be provided for webhook', 'setWebhook'),
        code: 'CONFIG',
      },
      {
        what: 'another program reads this bot (409)',
        error: refused(409, 'Conflict: terminated by other getUpdates request', 'getUpdates'),
        code: 'TRANSIENT',
      },
      { what: 'Telegram is out of order (5xx)', error: refused(502, 'Bad Gateway'), code: 'TRANSIENT' },
      {
        what: 'Telegram cannot be reached',
        error: new BotApiUnreachable('getMe', 'ECONNREFUSED', true),
        code: 'TRANSIENT',
      },
    ],
  },
  webhook: {
    request,
    signatureHeaders: [SECRET_HEADER],
    bodyIsNotSigned: 'Telegram shows the secret_token of setWebhook in a header and signs nothing.',
  },
  reconcile: {
    missed: async (count) =>
      Array.from({ length: count }, (_, at) => `${CHAT.id}:${server.write(`missed ${at}`).message.message_id}`),
    pushed: async () => ({ request: request(Buffer.from(JSON.stringify(server.write('through both doors')))) }),
  },
  credentials: {
    revoke: async () => void (server.isRevoked = true),
    repair: async () => void (server.isRevoked = false),
  },
  sending: {
    reply: async () =>
      sampleReply({
        channel: 'social',
        channel_slug: 'telegram',
        conversation_key: `telegram:${CHAT.id}`,
        to: [{ kind: 'social', id: `telegram:${CHAT.id}`, name: 'Ada' }],
        subject: null,
        text: `Reply ${++replies}`,
        in_reply_to: `${CHAT.id}:1`,
        provider_fields: { chat_type: 'private' },
      }),
    sent: async () => server.sent.map(({ message_id }) => `${CHAT.id}:${message_id}`),
    cutOff: async () => server.cutNextSend(),
  },
  media: {
    present: async () => {
      const content = randomBytes(5000);
      const id = `BQAC-${content.toString('hex', 0, 8)}`;
      server.files.set(id, content);
      return { attachment: file(id), content };
    },
    gone: async () => file('BQAC-gone'),
    hang: async () => server.hangFiles(),
  },
  ownMessagesNeverReturn: 'Telegram sends a bot no updates about messages that the bot itself sent.',
  close: () => server.stop(),
});
