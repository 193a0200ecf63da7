import { demoApp, startMetaSimulator } from '../index.js';
import type { MetaSimulator, MetaSimulatorOptions } from '../index.js';
import { JumpingClock, startReceiver } from './receiver.js';
import type { Receiver } from './receiver.js';

export interface Started {
  meta: MetaSimulator;
  ours: Receiver;
  clock: JumpingClock;
  close(): Promise<void>;
}

/** The demo app on a jumping clock, all three webhooks at one receiver. */
export async function started(options: MetaSimulatorOptions = {}): Promise<Started> {
  const clock = new JumpingClock();
  const ours = await startReceiver(demoApp.verifyToken);
  const meta = await startMetaSimulator({ clock, ...options });
  await meta.configure({ webhooks: { page: ours.url, instagram: ours.url, whatsapp_business_account: ours.url } });
  return { meta, ours, clock, close: async () => void (await Promise.all([meta.close(), ours.close()])) };
}
