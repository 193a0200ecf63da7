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
import { APP_OF_B } from './app-of-b.js';
import { CLOSED_PHONE, closedPhone, connectClosedPhone } from './closed-phone.js';
import { writeYesterday } from './phone-past.js';
import { SimulatedTelegram } from './simulated-telegram.js';

/** The vendors that shop A is a customer of, in the process of the test; shop B has an app of its own at Meta's. */
export interface Vendors {
  readonly twilio: SimulatedTwilio;
  readonly x: SimulatedX;
  readonly meta: SimulatedMeta;
  readonly metaOfB: SimulatedMeta;
  readonly telegram: SimulatedTelegram;
  readonly accounts: readonly AccountEntry[];
  /** When the message of `phone-past.ts` was written. */
  readonly writtenYesterdayAt: string;
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
  telegram: 'a-telegram',
} as const;

/** What makes a test wait no longer than it must. */
const QUICK: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  'phone-twilio': { reconcile_seconds: 15, backfill_hours: 48 },
  'social-x': { poll_interval_seconds: 2, upkeep_interval_seconds: 2, usage_cap_pause_minutes: 1 },
};

/** Meta tries again after 0, 30, 150, 450 ms … up to 65 s in all: an outage that a test makes is over before that. */
const META_RETRY_SCALE = 0.0005;

export async function startVendors(
  folder: string,
  channels?: readonly string[],
  metaRetryScale = META_RETRY_SCALE,
): Promise<Vendors> {
  const has = (...slugs: readonly string[]): boolean =>
    channels === undefined || slugs.every((slug) => channels.includes(slug));
  const [twilio, x, meta, metaOfB, telegram] = await Promise.all([
    startSimulatedTwilio(),
    startSimulatedX({ caFile: join(folder, 'simulated-x-ca.pem') }),
    startSimulatedMeta({ retryScale: metaRetryScale }),
    startSimulatedMeta({ retryScale: metaRetryScale, app: APP_OF_B }),
    SimulatedTelegram.start(),
  ]);
  // Direct messages may be asked for, and sent, 15 times in 15 minutes; tests poll every two seconds and answer as often.
  const often = [
    'GET /2/dm_events',
    'GET /2/users/:id/mentions',
    'GET /2/dm_conversations/with/:participant_id/dm_events',
    'POST /2/dm_conversations/with/:participant_id/messages',
  ];
  x.simulator.configure({ rate_limits: Object.fromEntries(often.map((route) => [route, 10_000])) });
  const all = [twilio, x, meta];
  const now = Date.now();
  const writtenYesterdayAt = writeYesterday(twilio.simulator, now);
  return {
    twilio,
    x,
    meta,
    metaOfB,
    telegram,
    writtenYesterdayAt,
    accounts: [
      ...all.flatMap((vendor) => vendor.accounts('a', 'a')),
      ...metaOfB.accounts('b', 'b'),
      closedPhone(twilio.simulator, now),
      telegram.account(VENDOR_ACCOUNTS.telegram, 'a'),
    ].map((account) => ({ ...account, config: { ...account.config, ...QUICK[account.channel] } })),
    async connect(url) {
      const hookUrl = (id: string): string => `${url}/hooks/${id}`;
      if (has('phone-twilio')) {
        await twilio.connect('a', hookUrl);
        connectClosedPhone(twilio.simulator, hookUrl(CLOSED_PHONE));
      }
      if (has('social-x')) await x.connect('a', hookUrl);
      // Meta asks each address whether it is ours: all three or none.
      if (has('social-meta-messenger', 'social-instagram', 'whatsapp-cloud')) {
        await meta.connect('a', hookUrl);
        await metaOfB.connect('b', hookUrl);
      }
    },
    async close() {
      await Promise.all([...all, metaOfB, telegram].map((vendor) => vendor.close()));
    },
  };
}
