export type ConsentWord = 'stop' | 'start' | 'help';

/**
 * Words that Twilio obeys on long codes (twilio.com/docs/messaging/tutorials/advanced-opt-out), in any case, when the message
 * is nothing else. Other senders, WhatsApp among them, know no such words; there we hold the customer's wish ourselves.
 */
const WORDS: Readonly<Record<ConsentWord, readonly string[]>> = {
  stop: ['STOP', 'UNSUBSCRIBE', 'END', 'QUIT', 'STOPALL', 'REVOKE', 'OPTOUT', 'CANCEL'],
  start: ['START', 'YES', 'UNSTOP'],
  help: ['HELP', 'INFO'],
};

/** `OptOutType`, which Twilio sends with Advanced Opt-Out, wins over what we read. */
export function consentWordOf(body: string, optOutType: string | undefined): ConsentWord | undefined {
  const said = optOutType?.toLowerCase();
  if (said === 'stop' || said === 'start' || said === 'help') return said;
  const word = body.trim().toUpperCase();
  const exact = (Object.keys(WORDS) as ConsentWord[]).find((kind) => WORDS[kind].includes(word));
  if (exact !== undefined) return exact;
  // "Stop." and "STOP!" are meant as they sound; but only a bare word may open what was closed.
  return WORDS.stop.includes(word.replace(/^[^\p{L}\p{N}]+|[^\p{L}\p{N}]+$/gu, '')) ? 'stop' : undefined;
}
