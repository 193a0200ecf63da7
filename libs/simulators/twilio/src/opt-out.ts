/**
 * The words that Twilio obeys on long codes by itself (twilio.com/docs/messaging/tutorials/advanced-opt-out). WhatsApp has
 * none. The wording of Twilio's answers is ours.
 */
export type OptOutType = 'STOP' | 'START' | 'HELP';

const WORDS: Record<OptOutType, readonly string[]> = {
  STOP: ['STOP', 'UNSUBSCRIBE', 'END', 'QUIT', 'STOPALL', 'REVOKE', 'OPTOUT', 'CANCEL'],
  START: ['START', 'YES', 'UNSTOP'],
  HELP: ['HELP', 'INFO'],
};

export const VENDOR_ANSWERS: Record<OptOutType, string> = {
  STOP: 'You are unsubscribed and get no further messages from this number. Reply START to get them again.',
  START: 'You are subscribed to messages from this number again. Reply STOP to end them.',
  HELP: 'Reply STOP to end messages from this number. Charges of your carrier may apply.',
};

/** The whole message is the word, in any case and with any space around it. */
export function optOutTypeOf(body: string): OptOutType | undefined {
  const word = body.trim().toUpperCase();
  return (Object.keys(WORDS) as OptOutType[]).find((type) => WORDS[type].includes(word));
}
