import { consumingContract } from './consuming.contract.js';
import { faultContract } from './fault.contract.js';
import type { BusHarness } from './harness.js';
import { positionContract } from './position.contract.js';
import { publishingContract } from './publishing.contract.js';

export interface ContractFeatures {
  /**
   * Whether a leader can change: true demands `changeLeader` of the harness, false leaves the case out (an engine without
   * leaders), absent runs it where the harness offers it.
   */
  readonly leaderChange?: boolean;
}

/**
 * The one suite that holds every engine to the words of the port. Call it in a spec file: it declares its cases through
 * Jest's globals, so it imports nothing of Jest and may stand in the library's index.
 */
export function busContract(
  name: string,
  createHarness: () => Promise<BusHarness>,
  features: ContractFeatures = {},
): void {
  describe(`bus contract: ${name}`, () => {
    let harness: BusHarness;

    beforeAll(async () => {
      harness = await createHarness();
    }, 120_000);

    afterAll(async () => {
      await harness.stop();
    }, 60_000);

    const current = (): BusHarness => harness;
    describe('publishing', () => publishingContract(current));
    describe('consuming', () => consumingContract(current));
    describe('positions', () => positionContract(current));
    describe('faults', () => faultContract(current, features));
  });
}
