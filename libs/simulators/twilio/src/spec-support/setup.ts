import twilio from 'twilio';
import { startTwilioSimulator } from '../index.js';
import type { TwilioSimulator, TwilioSimulatorOptions } from '../index.js';
import { startReceiver } from './receiver.js';
import type { Answer, Received, Receiver } from './receiver.js';
import { SimulatedRequestClient } from './request-client.js';

export interface Setup {
  simulator: TwilioSimulator;
  receiver: Receiver;
  client: twilio.Twilio;
  number: string;
  close(): Promise<void>;
}

export const CUSTOMER = '+12025550111';

/** A simulator whose number is wired to a receiver, and the vendor's SDK with the account's token. */
export async function setUp(
  answer?: (request: Received) => Answer | undefined,
  options: TwilioSimulatorOptions = {},
): Promise<Setup> {
  const receiver = await startReceiver(answer);
  const simulator = await startTwilioSimulator({ seed: 7, ...options });
  const number = simulator.account.numbers[0]?.phone_number ?? '';
  simulator.configure({
    numbers: [
      {
        phone_number: number,
        sms_url: `${receiver.url}/sms`,
        whatsapp_url: `${receiver.url}/whatsapp`,
        voice_url: `${receiver.url}/voice`,
        status_callback: `${receiver.url}/call-status`,
      },
    ],
  });
  return {
    simulator,
    receiver,
    number,
    client: clientOf(simulator),
    close: async () => {
      await simulator.close();
      await receiver.close();
    },
  };
}

export function clientOf(simulator: TwilioSimulator, user?: string, password?: string): twilio.Twilio {
  const { account_sid: accountSid, auth_token: authToken } = simulator.account;
  return twilio(user ?? accountSid, password ?? authToken, {
    accountSid,
    httpClient: new SimulatedRequestClient(simulator.url),
  });
}
