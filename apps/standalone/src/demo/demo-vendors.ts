import { join } from 'node:path';
import {
  startSimulatedMeta,
  startSimulatedTwilio,
  startSimulatedX,
  type AccountEntry,
  type SimulatedMeta,
  type SimulatedTwilio,
  type SimulatedX,
} from '@fanin/simulated-accounts';
import { DEMO_TENANT } from './demo-tenant.js';

/** The vendors that the sample shop is a customer of, on loopback in this process. */
export interface DemoVendors {
  readonly accounts: readonly AccountEntry[];
  readonly twilio: SimulatedTwilio;
  readonly x: SimulatedX;
  readonly meta: SimulatedMeta;
  /** Enters the hook addresses at the vendors' side, once Fanin answers under `url`. */
  connect(url: string): Promise<void>;
  close(): Promise<void>;
}

const PREFIX = 'demo';

export async function startDemoVendors(dataFolder: string): Promise<DemoVendors> {
  const [twilio, x, meta] = await Promise.all([
    startSimulatedTwilio(),
    startSimulatedX({ caFile: join(dataFolder, 'simulated-x-ca.pem') }),
    startSimulatedMeta(),
  ]);
  const vendors = [twilio, x, meta];
  return {
    accounts: vendors.flatMap((vendor) => vendor.accounts(DEMO_TENANT.id, PREFIX)),
    twilio,
    x,
    meta,
    async connect(url) {
      for (const vendor of vendors) await vendor.connect(PREFIX, (id) => `${url}/hooks/${encodeURIComponent(id)}`);
    },
    async close() {
      await Promise.all(vendors.map((vendor) => vendor.close()));
    },
  };
}
