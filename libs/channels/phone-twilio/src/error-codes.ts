import type { ErrorCode } from '@fanin/kernel';

export interface Fault {
  readonly code: ErrorCode;
  readonly reason: string;
  /** True when it is about this one message and says nothing of the account. */
  readonly ofMessage: boolean;
}

/** Twilio's error codes (twilio.com/docs/api/errors) that people can do something about. */
const KNOWN: Readonly<Record<number, readonly [ErrorCode, string]>> = {
  21211: ['BAD_PAYLOAD', 'the number of the customer is not valid'],
  21214: ['BAD_PAYLOAD', 'the number of the customer cannot be reached'],
  21217: ['BAD_PAYLOAD', 'the number of the customer is not valid'],
  21408: ['PERMISSION', "messages to the customer's country are not allowed for this account: see Geo Permissions"],
  21606: ['CONFIG', 'the number that the customer wrote to cannot send messages'],
  21609: ['CONFIG', 'Twilio does not take our status callback: http.public_url must be reachable from outside'],
  21610: ['UNSUPPORTED', 'the customer opted out with a STOP word and gets nothing until START'],
  21612: ['BAD_PAYLOAD', 'the customer cannot be reached from this number'],
  21614: ['BAD_PAYLOAD', 'the number of the customer takes no SMS'],
  21617: ['BAD_PAYLOAD', 'the text is longer than 1600 characters'],
  21655: ['BAD_PAYLOAD', 'there is no such template'],
  21656: ['BAD_PAYLOAD', 'the variables do not fit the template'],
  21712: ['CONFIG', 'the number that the customer wrote to is not in the pool of the Messaging Service'],
  21910: ['BAD_PAYLOAD', 'both numbers must belong to the same channel'],
  30002: ['PERMISSION', 'the account is suspended'],
  30003: ['BAD_PAYLOAD', 'the phone of the customer is off or cannot be reached'],
  30004: ['PERMISSION', 'the customer blocks messages from this number'],
  30005: ['BAD_PAYLOAD', 'the number of the customer does not exist any more'],
  30006: ['BAD_PAYLOAD', 'a landline, or a carrier that cannot be reached'],
  30007: ['PERMISSION', 'a carrier filtered the message'],
  30008: ['BAD_PAYLOAD', 'the carrier gave no reason'],
  30034: ['PERMISSION', 'the number is not registered for A2P 10DLC'],
  63003: ['BAD_PAYLOAD', 'WhatsApp does not know the customer'],
  63007: ['CONFIG', 'the WhatsApp sender is not known to Twilio'],
  63016: ['UNSUPPORTED', 'the 24 hours for free words are over: use a template'],
  63018: ['RATE_LIMITED', 'WhatsApp takes no more messages at this rate'],
  63024: ['BAD_PAYLOAD', 'WhatsApp cannot reach the customer'],
  63049: ['PERMISSION', 'WhatsApp chose not to deliver this template to the customer'],
};

/** What a code of a message that was taken and then failed means. */
export function faultOfCode(code: number | undefined, status: string): Fault {
  if (code === undefined || code === 0)
    return { code: 'BAD_PAYLOAD', reason: `Twilio says ${status} and gives no reason`, ofMessage: true };
  const known = KNOWN[code];
  const [ours, reason] = known ?? ['BAD_PAYLOAD', `see twilio.com/docs/api/errors/${code}`];
  return { code: ours, reason: `Twilio ${code}: ${reason}`, ofMessage: !['CONFIG', 'RATE_LIMITED'].includes(ours) };
}

export function isKnownCode(code: number): boolean {
  return Object.hasOwn(KNOWN, code);
}
