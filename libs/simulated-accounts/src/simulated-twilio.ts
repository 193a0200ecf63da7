import { startTwilioSimulator, type TwilioSimulator } from '@fanin/simulators/twilio';
import type { SimulatedVendor, SimulatedVendorOptions } from './simulated-vendor.js';

export interface SimulatedTwilio extends SimulatedVendor {
  readonly simulator: TwilioSimulator;
}

/** Always open, so that a demo rings at any hour. */
const VOICE = { agents: ['+12025550190'], dial_timeout_seconds: 20 };

export async function startSimulatedTwilio(options: SimulatedVendorOptions = {}): Promise<SimulatedTwilio> {
  const simulator = await startTwilioSimulator(options);
  const { account_sid, auth_token, numbers } = simulator.account;
  const idOf = (prefix: string): string => `${prefix}-phone`;
  return {
    name: 'twilio',
    url: simulator.url,
    simulator,
    accounts: (tenant, prefix) => [
      {
        id: idOf(prefix),
        tenant,
        channel: 'phone-twilio',
        config: {
          account_sid,
          auth_token,
          // Each takes SMS and calls, and is a WhatsApp sender as well: what is named is also listed after an outage.
          numbers: numbers.flatMap(({ phone_number: number }) => [{ number }, { number: `whatsapp:${number}` }]),
          voice: VOICE,
          api_url: simulator.url,
        },
      },
    ],
    templates: () => simulator.account.templates.map(({ sid, body }) => `${sid}: "${body}"`),
    connect: (prefix, hookUrl) => {
      const hook = hookUrl(idOf(prefix));
      simulator.configure({
        numbers: numbers.map(({ phone_number }) => ({
          phone_number,
          sms_url: hook,
          whatsapp_url: hook,
          voice_url: `${hook}/voice`,
          status_callback: `${hook}/voice/status`,
        })),
      });
      return Promise.resolve();
    },
    close: () => simulator.close(),
  };
}
