import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { channelContract, webhookRequest, type RemoteAttachment, type WebhookRequest } from '@fanin/connector-kit';
import { startXSimulator, type XSimulator } from '@fanin/simulators/x';
import { toFaninError } from './errors.js';
import { channel } from './index.js';
import { openDoor, type Door } from './testing/door.js';
import { configFor, PUBLIC_URL, replyTo } from './testing/x-world.js';
import { createNormalise } from './normalise.js';
import { sign, SIGNATURE_HEADER } from './verify.js';

const USER = { id: '1500000000000000001', username: 'exampleshop' };
const CLIENT_SECRET = 'client-secret-of-the-contract';

/** As the SDK throws them: `type` tells answers from broken connections. */
const answer = (code: number, data: object, headers: object = {}): Error =>
  Object.assign(new Error(`Request failed with code ${code}`), { type: 'response', code, data, headers });
const broken = (code: string, syscall = 'connect'): Error =>
  Object.assign(new Error('Request failed.'), {
    type: 'request',
    requestError: Object.assign(new Error(code), { code, syscall }),
  });

let x: XSimulator | undefined;
let door: Door | undefined;
let folder = '';
let customers = 0;

function simulator(): XSimulator {
  if (x === undefined) throw new Error('the simulator has not been started');
  return x;
}

/** The webhook exists already, and nothing is pushed but what a driver hands over itself. */
async function start(): Promise<Readonly<Record<string, unknown>>> {
  const accounts = [{ ...USER, refreshToken: 'refresh-token-of-the-contract' }];
  x = await startXSimulator({ accounts, app: { clientSecret: CLIENT_SECRET }, settings: { any_hook_url: true } });
  folder = await mkdtemp(join(tmpdir(), 'fanin-x-contract-'));
  await x.writeCa(join(folder, 'ca.pem'));
  door = await openDoor(CLIENT_SECRET);
  x.configure({ hook_hosts: { [PUBLIC_URL]: door.url } });
  return { ...configFor(x, USER, join(folder, 'ca.pem')), app_id: x.app.id, app_name: x.app.name };
}

const request = (body: Buffer, contentType: string): WebhookRequest =>
  webhookRequest({ body, headers: { 'content-type': contentType, [SIGNATURE_HEADER]: sign(CLIENT_SECRET, body) } });

/** What the customer's message is to the ticket core, so that it can be answered. */
async function draftOf(body: Buffer): Promise<Parameters<typeof replyTo>[0]> {
  const delivery = {
    deliveryId: 'd',
    tenant: 'default',
    accountId: 'account-1',
    receivedAt: new Date().toISOString(),
    contentType: 'application/json',
    meta: {},
    body,
  };
  const { messages } = await createNormalise({
    userId: USER.id,
    username: USER.username,
    appId: undefined,
    appName: undefined,
  })(delivery);
  if (messages[0] === undefined) throw new Error('no message');
  return messages[0];
}

/** Has somebody write, and gives what X pushed about it. */
async function written(kind: 'mention' | 'dm', picture = false): Promise<Buffer> {
  customers += 1;
  const media = picture ? { media: [{ type: 'photo' as const, base64: PICTURE.toString('base64') }] } : {};
  simulator().inbound({ kind, from: `customer${customers}`, text: `Hello number ${customers}`, ...media });
  await simulator().idle();
  const body = door?.bodies.at(-1);
  if (body === undefined) throw new Error('X pushed nothing');
  return body;
}

const PICTURE = Buffer.from('picture of a broken lamp');

async function picture(): Promise<RemoteAttachment> {
  const [attachment] = (await draftOf(await written(customers % 2 === 0 ? 'dm' : 'mention', true))).attachments;
  if (attachment === undefined || !('ref' in attachment)) throw new Error('no attachment');
  return attachment;
}

let sentBefore = 0;

channelContract({
  channel,
  source: import.meta.dirname,
  config: start,
  otherConfig: {
    user_id: '1500000000000000002',
    client_id: 'client-id-of-another-app',
    client_secret: 'client-secret-of-another-app',
    refresh_token: 'refresh-token-of-another-app',
    bearer_token: 'bearer-token-of-another-app',
    api_address: '127.0.0.1:9',
  },
  host: { publicUrl: PUBLIC_URL },
  webhook: { signatureHeaders: [SIGNATURE_HEADER], request },
  reconcile: {
    async missed(count) {
      const ids: string[] = [];
      const fault = simulator().faults.add({ where: 'webhook', kind: 'drop' });
      for (let n = 0; n < count; n += 1) {
        const kind = n % 2 === 0 ? 'mention' : 'dm';
        ids.push(simulator().inbound({ kind, from: `missed${n}`, text: `Missed ${n}` }).id);
      }
      await simulator().idle();
      simulator().faults.clear(fault);
      return ids;
    },
    pushed: async () => ({ request: request(await written('mention'), 'application/json') }),
  },
  sending: {
    async reply() {
      sentBefore += 1;
      return replyTo(await draftOf(await written(sentBefore % 2 === 0 ? 'dm' : 'mention')), `Reply ${sentBefore}`);
    },
    sent: () =>
      Promise.resolve(
        simulator()
          .sent()
          .map(({ id }) => id),
      ),
    cutOff() {
      const match = '^/2/(tweets|dm_conversations/.*messages)';
      simulator().faults.add({ where: 'api', kind: 'no_answer_after_accept', match, times: 1 });
      return Promise.resolve();
    },
  },
  credentials: {
    revoke: () => Promise.resolve(void simulator().faults.add({ where: 'api', kind: 'revoked_token' })),
    repair: () => Promise.resolve(simulator().faults.clear()),
  },
  media: {
    present: async () => ({ attachment: await picture(), content: PICTURE }),
    async gone() {
      const attachment = await picture();
      return { ...attachment, ref: attachment.ref.replace(/[^/]+$/, 'gone.png') };
    },
    hang: () => Promise.resolve(void simulator().faults.add({ where: 'media', kind: 'hang' })),
  },
  close: async () => {
    await x?.close();
    await door?.close();
    await rm(folder, { recursive: true, force: true });
  },
  errors: {
    translate: toFaninError,
    cases: [
      {
        what: 'X does not take the token (401), and renewing it did not help',
        error: answer(401, { title: 'Unauthorized', detail: 'Unauthorized', status: 401 }),
        code: 'AUTH',
      },
      {
        what: 'the app or the token lacks a right (403)',
        error: answer(403, { title: 'Forbidden', type: 'about:blank', detail: 'client-forbidden' }),
        code: 'PERMISSION',
      },
      {
        what: 'too many calls in the window (429); waits for x-rate-limit-reset',
        error: answer(429, { title: 'Too Many Requests', detail: 'Too Many Requests' }, { 'x-rate-limit-reset': '1' }),
        code: 'RATE_LIMITED',
      },
      {
        what: 'the monthly cap is used up (429 usage-capped); rests for `usage_cap_pause_minutes`, with a notice',
        error: answer(429, {
          title: 'UsageCapExceeded',
          type: 'https://api.twitter.com/2/problems/usage-capped',
          detail: 'Usage cap exceeded: Monthly product cap',
        }),
        code: 'RATE_LIMITED',
      },
      {
        what: 'the prepaid credits are used up (402); as above',
        error: answer(402, { title: 'CreditsDepleted', detail: 'credits' }),
        code: 'RATE_LIMITED',
      },
      { what: 'X is busy or down (5xx)', error: answer(503, { title: 'Service Unavailable' }), code: 'TRANSIENT' },
      { what: 'X does not answer', error: broken('ECONNREFUSED'), code: 'TRANSIENT' },
      {
        what: 'the certificate behind `api_address` is not trusted',
        error: broken('SELF_SIGNED_CERT_IN_CHAIN'),
        code: 'CONFIG',
      },
      {
        what: 'X does not take the call (400)',
        error: answer(400, { title: 'Invalid Request', detail: 'One or more parameters to your request was invalid.' }),
        code: 'BAD_PAYLOAD',
      },
    ],
  },
});
