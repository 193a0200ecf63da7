import type { TwilioSimulator } from '@fanin/simulators/twilio';

/** What was written before Fanin was there: only Twilio's lists know of it. */
export const YESTERDAYS_CUSTOMER = '+12025550199';
export const YESTERDAYS_TEXT = 'Written before you had Fanin: is the lamp dimmable?';

const HOURS_AGO = 25;

/** A WhatsApp message whose 24 hours for free words are over when it is taken in. Answers when it was written. */
export function writeYesterday(simulator: TwilioSimulator, nowMs: number): string {
  // Twilio's lists tell whole seconds.
  const at = new Date(Math.floor(nowMs / 1000) * 1000 - HOURS_AGO * 3_600_000).toISOString();
  simulator.inbound({ channel: 'whatsapp', from: YESTERDAYS_CUSTOMER, body: YESTERDAYS_TEXT, at, webhook: false });
  return at;
}
