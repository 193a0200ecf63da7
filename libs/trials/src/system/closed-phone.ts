import type { AccountEntry } from '@fanin/simulated-accounts';
import type { TwilioSimulator } from '@fanin/simulators/twilio';

/** Shop A's second account at Twilio: a number that is called outside its business hours, on whatever day a test runs. */
export const CLOSED_PHONE = 'a-phone-closed';
export const CLOSED_NUMBER = '+12025550101';

const DAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];
const DAY_MS = 86_400_000;
const CLOSED_DAYS = 3;
const AT_TWILIO = { account_sid: `AC${'c105ed00'.repeat(4)}`, auth_token: 'c105ed'.repeat(5) };

/** When that number is answered again: at nine, three days from now. */
export function nextOpening(nowMs: number): string {
  return new Date(Math.floor(nowMs / DAY_MS) * DAY_MS + CLOSED_DAYS * DAY_MS + 9 * 3_600_000).toISOString();
}

export function closedPhone(simulator: TwilioSimulator, nowMs: number): AccountEntry {
  const day = DAYS[new Date(nowMs + CLOSED_DAYS * DAY_MS).getUTCDay()] ?? 'mon';
  const voice = {
    agents: ['+12025550191'],
    calendar: { time_zone: 'UTC', weekly: [{ days: [day], open: ['09:00-17:00'] }] },
  };
  return {
    id: CLOSED_PHONE,
    tenant: 'a',
    channel: 'phone-twilio',
    config: { ...AT_TWILIO, numbers: [{ number: CLOSED_NUMBER }], voice, api_url: simulator.url },
  };
}

/** A person enters the hook addresses at Twilio. */
export function connectClosedPhone(simulator: TwilioSimulator, hook: string): void {
  const urls = { sms_url: hook, voice_url: `${hook}/voice`, status_callback: `${hook}/voice/status` };
  simulator.configure({ ...AT_TWILIO, numbers: [{ phone_number: CLOSED_NUMBER, ...urls }] });
}
