import { signatureOf } from '@fanin/simulators/twilio';
import type { HookSpec, Signed } from './hook-door.js';

/** An account at Twilio that is called about one of its numbers. */
export interface TwilioHookSpec extends HookSpec {
  readonly accountSid: string;
  readonly authToken: string;
  /** The account's number. */
  readonly number: string;
}

/** A callback's fields, signed together with the address as Twilio knows it (twilio.com/docs/usage/security). */
export function twilioForm(authToken: string, address: string, params: Readonly<Record<string, string>>): Signed {
  return {
    headers: {
      'content-type': 'application/x-www-form-urlencoded; charset=UTF-8',
      'x-twilio-signature': signatureOf(authToken, address, params),
    },
    body: Buffer.from(new URLSearchParams(params).toString()),
  };
}
