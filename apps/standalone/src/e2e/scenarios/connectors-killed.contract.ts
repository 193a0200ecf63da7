import type { SystemUnderTest } from '@fanin/trials';
import { phoneOutage } from './phone-outage.contract.js';
import { socialXOutage } from './social-x-outage.contract.js';

/** What happens at one vendor around the death of its connector. */
export interface Outage {
  /** What is there afterwards, for people. */
  readonly what: string;
  /** Ends when the vendor has taken a reply and not said so. */
  begin(): Promise<void>;
  /** While the connector is dead. */
  meanwhile(): Promise<void>;
  /** All that was missed is there, once. */
  afterwards(): Promise<void>;
  /** What became of that reply. Who sent it may have been dead for two minutes before another one looks at it. */
  replyUnderWay(): Promise<void>;
}

/**
 * The connectors of Twilio and X die at once, each with a reply on its way, and are away while customers write. The caller does
 * other things before `expectRepliesOnce`.
 */
export function describeConnectorsKilled(system: () => SystemUnderTest): { expectRepliesOnce(): void } {
  const outages = { phone: phoneOutage(system), X: socialXOutage(system) };
  const each = Object.entries(outages);

  describe('kill -9 of the connectors while replies go out', () => {
    beforeAll(async () => {
      const all = Object.values(outages);
      for (const outage of all) await outage.begin();
      await Promise.all([system().kill('phone-connector'), system().kill('social-connector')]);
      await Promise.all(all.map((outage) => outage.meanwhile()));
      await system().revive('phone-connector');
      await system().revive('social-connector');
    }, 180_000);

    for (const [name, outage] of each) it(`${name}: ${outage.what}`, () => outage.afterwards(), 120_000);
  });

  return {
    expectRepliesOnce() {
      for (const [name, outage] of each)
        it(
          `${name}: the reply under way at the kill went out once, and the ticket knows`,
          () => outage.replyUnderWay(),
          180_000,
        );
    },
  };
}
