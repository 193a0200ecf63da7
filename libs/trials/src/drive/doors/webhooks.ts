import { createHash } from 'node:crypto';
import { hubSignature } from '@fanin/simulators/meta';
import { signatureOf } from '@fanin/simulators/twilio';
import { DEFAULT_APP, signatureHeaders } from '@fanin/simulators/x';
import type { Answer, Door, DrivenMessage } from '../door.js';
import { HttpCalls } from './http-post.js';

interface HookSpec {
  readonly account: string;
  /** Where requests go. */
  readonly url: string;
  /** The address as the vendor knows it: what Twilio signs. Default: `url`. */
  readonly publicUrl?: string;
}

export interface TwilioDoorSpec extends HookSpec {
  readonly kind: 'twilio';
  readonly accountSid: string;
  readonly authToken: string;
  /** The account's number. */
  readonly number: string;
}

export interface MetaDoorSpec extends HookSpec {
  readonly kind: 'meta';
  readonly appSecret: string;
  readonly pageId: string;
}

export interface XDoorSpec extends HookSpec {
  readonly kind: 'x';
  readonly userId: string;
  readonly clientSecret: string;
  readonly consumerSecret: string;
}

/** The words of a vendor: headers, among them its proof, and the body. */
interface Signed {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

const TEXT_BYTES = 120;

const hexOf = (text: string, digits: number): string =>
  createHash('sha256').update(text).digest('hex').slice(0, digits);

/** Digits that are the same for the same text, as ids of people and posts are. */
const digitsOf = (text: string, digits: number): string =>
  (BigInt(`0x${hexOf(text, 32)}`) % 10n ** BigInt(digits)).toString().padStart(digits, '1');

abstract class HookDoor<Spec extends HookSpec> implements Door {
  abstract readonly name: string;
  readonly account: string;
  readonly textBytes = TEXT_BYTES;
  private readonly calls = new HttpCalls();

  constructor(protected readonly spec: Spec) {
    this.account = spec.account;
  }

  abstract idOf(run: string, sequence: number): string;
  protected abstract sign(message: DrivenMessage): Signed;

  send(message: DrivenMessage): Promise<Answer> {
    return this.calls.answerTo({ method: 'POST', url: this.spec.url, ...this.sign(message) });
  }

  close(): Promise<void> {
    this.calls.close();
    return Promise.resolve();
  }
}

/** Text messages (twilio.com/docs/messaging/guides/webhook-request). */
export class TwilioDoor extends HookDoor<TwilioDoorSpec> {
  readonly name = 'twilio';

  idOf(run: string, sequence: number): string {
    return `SM${hexOf(`${run} ${sequence}`, 32)}`;
  }

  protected sign({ id, conversation, text }: DrivenMessage): Signed {
    const { accountSid, authToken, number, url, publicUrl = url } = this.spec;
    const params = {
      ToCountry: 'US',
      SmsMessageSid: id,
      NumMedia: '0',
      SmsSid: id,
      SmsStatus: 'received',
      Body: text,
      FromCountry: 'US',
      To: number,
      NumSegments: '1',
      MessageSid: id,
      AccountSid: accountSid,
      From: `+1415${digitsOf(conversation, 7)}`,
      ApiVersion: '2010-04-01',
    };
    return {
      headers: {
        'content-type': 'application/x-www-form-urlencoded; charset=UTF-8',
        'x-twilio-signature': signatureOf(authToken, publicUrl, params),
        'i-twilio-idempotency-token': hexOf(id, 32),
      },
      body: Buffer.from(new URLSearchParams(params).toString()),
    };
  }
}

/** Messenger messages, one in a delivery (developers.facebook.com/docs/messenger-platform/webhooks). */
export class MetaDoor extends HookDoor<MetaDoorSpec> {
  readonly name = 'meta';

  idOf(run: string, sequence: number): string {
    return `m_${hexOf(`${run} ${sequence}`, 40)}`;
  }

  protected sign({ id, conversation, text }: DrivenMessage): Signed {
    const { appSecret, pageId } = this.spec;
    const timestamp = Date.now();
    const messaging = [
      { sender: { id: digitsOf(conversation, 16) }, recipient: { id: pageId }, timestamp, message: { mid: id, text } },
    ];
    const body = Buffer.from(JSON.stringify({ object: 'page', entry: [{ id: pageId, time: timestamp, messaging }] }));
    return {
      headers: { 'content-type': 'application/json', 'x-hub-signature-256': hubSignature(appSecret, body) },
      body,
    };
  }
}

/** Direct messages of the Account Activity API (docs.x.com/x-api/account-activity). */
export class XDoor extends HookDoor<XDoorSpec> {
  readonly name = 'x';

  /** As a snowflake: the later one is the larger. */
  idOf(run: string, sequence: number): string {
    return (1_960_000_000_000_000_000n + BigInt(digitsOf(run, 6)) * 1_000_000_000n + BigInt(sequence)).toString();
  }

  protected sign({ id, conversation, text }: DrivenMessage): Signed {
    const { userId, clientSecret, consumerSecret } = this.spec;
    const sender = digitsOf(conversation, 12);
    const body = Buffer.from(
      JSON.stringify({
        for_user_id: userId,
        direct_message_events: [
          {
            type: 'message_create',
            id,
            created_timestamp: String(Date.now()),
            message_create: {
              target: { recipient_id: userId },
              sender_id: sender,
              message_data: { text, entities: { hashtags: [], symbols: [], user_mentions: [], urls: [] } },
            },
          },
        ],
        users: { [sender]: { id: sender, name: `Customer ${sender}`, screen_name: `c${sender}` } },
      }),
    );
    const app = { ...DEFAULT_APP, clientSecret, consumerSecret };
    return { headers: { 'content-type': 'application/json', ...signatureHeaders(app, 'both', body) }, body };
  }
}
