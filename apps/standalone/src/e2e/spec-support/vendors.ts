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

/** The vendors that shop A is a customer of, in the process of the test. */
export interface Vendors {
  readonly twilio: SimulatedTwilio;
  readonly x: SimulatedX;
  readonly meta: SimulatedMeta;
  readonly accounts: readonly AccountEntry[];
  /** Enters the hook addresses at the vendors' side. */
  connect(url: string): Promise<void>;
  close(): Promise<void>;
}

/** Ids of the accounts. */
export const VENDOR_ACCOUNTS = {
  phone: 'a-phone',
  x: 'a-x',
  messenger: 'a-messenger',
  instagram: 'a-instagram',
  whatsapp: 'a-whatsapp',
} as const;

/** What makes a test wait no longer than it must. */
const QUICK: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  'phone-twilio': { reconcile_seconds: 15 },
  'social-x': { poll_interval_seconds: 2, upkeep_interval_seconds: 2 },
};

export async function startVendors(folder: string): Promise<Vendors> {
  const [twilio, x, meta] = await Promise.all([
    startSimulatedTwilio(),
    startSimulatedX({ caFile: join(folder, 'simulated-x-ca.pem') }),
    startSimulatedMeta(),
  ]);
  // Direct messages may be asked for 15 times in 15 minutes; a test that polls every two seconds asks more often.
  x.simulator.configure({ rate_limits: { 'GET /2/dm_events': 10_000, 'GET /2/users/:id/mentions': 10_000 } });
  const all = [twilio, x, meta];
  return {
    twilio,
    x,
    meta,
    accounts: all
      .flatMap((vendor) => vendor.accounts('a', 'a'))
      .map((account) => ({ ...account, config: { ...account.config, ...QUICK[account.channel] } })),
    async connect(url) {
      for (const vendor of all) await vendor.connect('a', (id) => `${url}/hooks/${id}`);
    },
    async close() {
      await Promise.all(all.map((vendor) => vendor.close()));
    },
  };
}
