import { DEFAULT_APP, signatureHeaders } from '@fanin/simulators/x';
import type { DrivenMessage } from '../door.js';
import { digitsOf, hexOf, HookDoor, type HookSpec, type Signed } from './hook-door.js';
import { twilioForm, type TwilioHookSpec } from './twilio-form.js';

export interface TwilioDoorSpec extends TwilioHookSpec {
  readonly kind: 'twilio';
}

export interface XDoorSpec extends HookSpec {
  readonly kind: 'x';
  readonly userId: string;
  readonly clientSecret: string;
  readonly consumerSecret: string;
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
    const { headers, body } = twilioForm(authToken, publicUrl, params);
    return { headers: { ...headers, 'i-twilio-idempotency-token': hexOf(id, 32) }, body };
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
