import { createHmac } from 'node:crypto';
import type { Channel } from '@fanin/connector-kit';
import { wireRequest } from './edge-load.js';

/** One vendor's way to prove a request: our side's account, the requests, and the least that checks them. */
export interface EdgeCase {
  readonly load: () => Promise<Channel>;
  readonly config: Readonly<Record<string, unknown>>;
  /** Ready for the wire, each with its own content. */
  readonly requests: readonly string[];
  /** The vendor's HMAC, as a bare server computes it; undefined when the request carries none. */
  readonly proofOf: (
    body: Buffer,
    headers: Readonly<Record<string, string | string[] | undefined>>,
  ) => { readonly expected: Buffer; readonly given: Buffer };
}

export const ACCOUNT = 'edge';
export const PUBLIC_URL = 'https://shop.example';
const HOOK = `/hooks/${ACCOUNT}`;
const DISTINCT = 200;
const SECRET = '0123456789abcdef0123456789abcdef';

const times = <T>(count: number, make: (index: number) => T): T[] => Array.from({ length: count }, (_, at) => make(at));

/** A text message by form, signed over the address and the sorted fields (HMAC-SHA1). */
export function twilioCase(): EdgeCase {
  const accountSid = `AC${SECRET}`;
  const base64 = (url: string, params: URLSearchParams): Buffer => {
    const signed = [...params].sort(([a], [b]) => (a < b ? -1 : 1)).reduce((text, [k, v]) => text + k + v, url);
    return createHmac('sha1', SECRET).update(signed).digest();
  };
  const requests = times(DISTINCT, (at) => {
    const sid = `SM${at.toString(16).padStart(32, '0')}`;
    const params = new URLSearchParams({
      ToCountry: 'US',
      ToState: 'DC',
      SmsMessageSid: sid,
      NumMedia: '0',
      ToCity: 'WASHINGTON',
      FromZip: '94107',
      SmsSid: sid,
      FromState: 'CA',
      SmsStatus: 'received',
      FromCity: 'SAN FRANCISCO',
      Body: `Where is my order 10${at}? It was due on Monday and the tracking page still says “in transit”.`,
      FromCountry: 'US',
      To: '+12025550100',
      ToZip: '20001',
      NumSegments: '1',
      MessageSid: sid,
      AccountSid: accountSid,
      From: `+1415555${String(1000 + at)}`,
      ApiVersion: '2010-04-01',
    });
    const headers = {
      'content-type': 'application/x-www-form-urlencoded; charset=UTF-8',
      'x-twilio-signature': base64(`${PUBLIC_URL}${HOOK}`, params).toString('base64'),
      'i-twilio-idempotency-token': `token-${at}`,
      'user-agent': 'TwilioProxy/1.1',
    };
    return wireRequest(HOOK, headers, params.toString());
  });
  return {
    load: async () => (await import('@fanin/channels/phone-twilio')).channel,
    config: {
      account_sid: accountSid,
      auth_token: SECRET,
      numbers: [{ number: '+12025550100' }],
      api_url: 'http://127.0.0.1:9',
    },
    requests,
    proofOf: (body, headers) => ({
      expected: base64(`${PUBLIC_URL}${HOOK}`, new URLSearchParams(body.toString('utf8'))),
      given: Buffer.from(String(headers['x-twilio-signature']), 'base64'),
    }),
  };
}

/** Messenger messages, `batch` in one POST, signed over the raw bytes (HMAC-SHA256). */
export function metaCase(batch: number): EdgeCase {
  const page = '104857620015542';
  const hmac = (body: Buffer): Buffer => createHmac('sha256', SECRET).update(body).digest();
  const requests = times(batch === 1 ? DISTINCT : 20, (at) => {
    const entry = times(batch, (index) => ({
      id: page,
      time: 1_795_000_000_000 + index,
      messaging: [
        {
          sender: { id: String(24_000_000_000_000 + (index % 40)) },
          recipient: { id: page },
          timestamp: 1_795_000_000_000 + index,
          message: {
            mid: `m_${at}_${index}_${SECRET}`,
            text: `Hello, is the blue chair back in stock? ${at} ${index}`,
          },
        },
      ],
    }));
    const body = JSON.stringify({ object: 'page', entry });
    const signature = `sha256=${hmac(Buffer.from(body)).toString('hex')}`;
    return wireRequest(
      HOOK,
      { 'content-type': 'application/json', 'x-hub-signature-256': signature, 'user-agent': 'Webhooks/1.0' },
      body,
    );
  });
  return {
    load: async () => (await import('@fanin/channels/social-meta-messenger')).channel,
    config: {
      app_id: '821904350119287',
      app_secret: SECRET,
      verify_token: 'verify-token-of-the-bench',
      page_id: page,
      access_token: `EAAL${SECRET}`,
      api_url: 'http://127.0.0.1:9',
    },
    requests,
    proofOf: (body, headers) => ({
      expected: hmac(body),
      given: Buffer.from(String(headers['x-hub-signature-256']).slice(7), 'hex'),
    }),
  };
}

/** A direct message by the Account Activity API, signed over the raw bytes (HMAC-SHA256, base64). */
export function xCase(): EdgeCase {
  const user = '2244994945';
  const hmac = (body: Buffer): Buffer => createHmac('sha256', SECRET).update(body).digest();
  const requests = times(DISTINCT, (at) => {
    const sender = String(9_000_000 + at);
    const body = JSON.stringify({
      for_user_id: user,
      direct_message_events: [
        {
          type: 'message_create',
          id: String(1_960_000_000_000_000_000n + BigInt(at)),
          created_timestamp: '1795000000000',
          message_create: {
            target: { recipient_id: user },
            sender_id: sender,
            message_data: { text: `Where is my order 10${at}?`, entities: { hashtags: [], urls: [] } },
          },
        },
      ],
      users: { [sender]: { id: sender, name: 'Ada Brook', screen_name: `ada${at}` } },
    });
    const headers = {
      'content-type': 'application/json',
      'x-twitter-webhooks-signature-oauth2': `sha256=${hmac(Buffer.from(body)).toString('base64')}`,
    };
    return wireRequest(HOOK, headers, body);
  });
  return {
    load: async () => (await import('@fanin/channels/social-x')).channel,
    config: {
      user_id: user,
      client_id: 'client-of-the-bench',
      client_secret: SECRET,
      access_token: SECRET,
      bearer_token: SECRET,
      receive_by: 'webhook',
      webhook_id: '1146654567674912769',
      api_address: '127.0.0.1:9',
    },
    requests,
    proofOf: (body, headers) => ({
      expected: hmac(body),
      given: Buffer.from(String(headers['x-twitter-webhooks-signature-oauth2']).slice(7), 'base64'),
    }),
  };
}
