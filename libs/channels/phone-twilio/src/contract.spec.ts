import { channelContract, webhookRequest, type RemoteAttachment, type WebhookRequest } from '@fanin/connector-kit';
import type { OutboundMessageV1 } from '@fanin/contracts';
import { signatureOf, startTwilioSimulator, type TwilioSimulator } from '@fanin/simulators/twilio';
import { channel } from './channel.js';
import { toFaninError } from './errors.js';
import { mediaRef } from './media-refs.js';
import { OURS, replyTo } from './spec-support.js';
import { draft } from './drafts.js';

const PUBLIC_URL = 'https://fanin.example';
const CUSTOMER = '+12025550111';

let started: Promise<TwilioSimulator> | undefined;
const simulator = (): Promise<TwilioSimulator> => (started ??= startTwilioSimulator());
let token = 'the-token-before-the-simulator';
let sent = 0;

const refusal = (status: number, code?: number): Error => Object.assign(new Error('refused'), { status, code });
const broken = (code: string): Error => Object.assign(new Error('broken'), { code });

function signed(path: string, body: Buffer, contentType: string): WebhookRequest {
  const url = `${PUBLIC_URL}/hooks/account-1${path === '/' ? '' : path}`;
  const params = Object.fromEntries(new URLSearchParams(body.toString('utf8')));
  const signature = signatureOf(token, url, params);
  return webhookRequest({
    path,
    url,
    body,
    headers: { 'content-type': contentType, 'x-twilio-signature': signature },
  });
}

async function arrived(media?: { content_type: string; bytes: Buffer }[]) {
  const vendor = await simulator();
  sent += 1;
  return vendor.inbound({
    from: CUSTOMER,
    body: `Message ${sent}`,
    webhook: false,
    ...(media === undefined ? {} : { media }),
  });
}

async function reply(fields: Readonly<Record<string, string>> = {}): Promise<OutboundMessageV1> {
  await simulator();
  const question = draft({
    provider_message_id: 'SM00000000000000000000000000000001',
    conversation_key: `sms:${CUSTOMER}:${OURS}`,
    sender: { kind: 'phone', id: CUSTOMER, name: null },
    text: 'Where is it?',
    provider_fields: { from: CUSTOMER, to: OURS, ...fields },
  });
  return replyTo(question, { created_at: new Date().toISOString() });
}

const fileOf = (ref: string): RemoteAttachment => ({ ref, name: 'file.bin', content_type: 'image/png', inline: false });

channelContract({
  channel,
  source: import.meta.dirname,
  host: { publicUrl: PUBLIC_URL },
  config: async () => {
    const { url, account } = await simulator();
    token = account.auth_token;
    return {
      account_sid: account.account_sid,
      auth_token: token,
      numbers: [{ number: OURS }, { number: `whatsapp:${OURS}`, language: 'de-DE' }],
      voice: {
        agents: ['+493012345678'],
        calendar: {
          time_zone: 'Europe/Berlin',
          weekly: [{ days: ['mon', 'tue', 'wed', 'thu', 'fri'], open: ['09:00-18:00'] }],
          holidays: [{ date: '12-25', name: 'Christmas Day' }],
        },
      },
      api_url: url,
    };
  },
  otherConfig: {
    account_sid: 'AC00000000000000000000000000000002',
    auth_token: 'the-token-of-another-shop',
    numbers: [{ number: '+12025550177' }],
  },
  errors: {
    translate: toFaninError,
    cases: [
      { what: 'the credentials are refused (401, 20003)', error: refusal(401, 20003), code: 'AUTH' },
      { what: 'a right is missing (403)', error: refusal(403, 20403), code: 'PERMISSION' },
      { what: 'the customer opted out (21610)', error: refusal(400, 21610), code: 'UNSUPPORTED' },
      { what: 'the 24 hours of WhatsApp are over (63016)', error: refusal(400, 63016), code: 'UNSUPPORTED' },
      { what: 'the number of the customer is not valid (21211)', error: refusal(400, 21211), code: 'BAD_PAYLOAD' },
      { what: 'our number cannot send (21606)', error: refusal(400, 21606), code: 'CONFIG' },
      { what: 'too many requests (429, 20429)', error: refusal(429, 20429), code: 'RATE_LIMITED' },
      { what: 'a fault at Twilio (500, 20500)', error: refusal(500, 20500), code: 'TRANSIENT' },
      { what: 'Twilio cannot be reached', error: broken('ECONNREFUSED'), code: 'TRANSIENT' },
      { what: 'Twilio does not answer in time', error: broken('ECONNABORTED'), code: 'TRANSIENT' },
    ],
  },
  webhook: {
    request: (body, contentType) => signed('/', body, contentType),
    signatureHeaders: ['x-twilio-signature'],
  },
  reconcile: {
    missed: async (count) => {
      const sids: string[] = [];
      for (let at = 0; at < count; at += 1) sids.push((await arrived()).message_sid);
      return sids;
    },
    pushed: async () => {
      const { message_sid: sid } = await arrived();
      const form = new URLSearchParams({
        MessageSid: sid,
        From: CUSTOMER,
        To: OURS,
        Body: `Message ${sent}`,
        NumMedia: '0',
      });
      return { request: signed('/', Buffer.from(form.toString()), 'application/x-www-form-urlencoded') };
    },
  },
  media: {
    present: async () => {
      const content = Buffer.from('a picture, nearly');
      const made = await arrived([{ content_type: 'image/png', bytes: content }]);
      const { account } = await simulator();
      return { attachment: fileOf(mediaRef(account.account_sid, made.message_sid, made.media_sids[0] ?? '')), content };
    },
    gone: async () => {
      const { account } = await simulator();
      const { message_sid: sid } = await arrived();
      return fileOf(mediaRef(account.account_sid, sid, 'ME00000000000000000000000000000001'));
    },
    hang: async () => void (await simulator()).faults.add({ where: 'media', kind: 'hang' }),
  },
  credentials: {
    revoke: async () => void (await simulator()).faults.add({ where: 'api', kind: 'revoked_token' }),
    repair: async () => (await simulator()).faults.clear(),
  },
  sending: {
    reply,
    sent: async () => (await simulator()).sentMessages().map(({ sid }) => sid),
    cutOff: async () =>
      void (await simulator()).faults.add({
        where: 'api',
        kind: 'no_answer_after_accept',
        match: 'Messages',
        times: 1,
      }),
    closed: async () =>
      reply({
        from: `whatsapp:${CUSTOMER}`,
        to: `whatsapp:${OURS}`,
        window_until: new Date(Date.now() - 60_000).toISOString(),
      }),
  },
  close: async () => (await simulator()).close(),
});
