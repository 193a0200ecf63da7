import { FaninError, messageOf } from '@fanin/kernel';
import type { ChannelInstance } from '../channel.js';
import type { CredentialsDriver } from './channel-contract.js';
import { demand, Demand } from './demand.js';
import { within } from './gate.js';
import type { ContractSubject } from './subject.js';

/** Revoked credentials are told as AUTH, everywhere, and work again when they are given back. */
export function credentialsChecks(driver: CredentialsDriver | undefined, subject: ContractSubject): void {
  if (driver === undefined) {
    it('tells revoked credentials', () => {
      throw new Demand(
        'contract.spec.ts: give the suite a `credentials` driver (see ChannelContract in @fanin/connector-kit)',
      );
    });
    return;
  }
  it('tells revoked credentials as AUTH, and works again when they are repaired', async () => {
    const { instance } = await subject.running();
    await driver.revoke();
    try {
      for (const [what, ask] of askers(instance)) {
        const error = await within(ask(), 15_000, `${what} hangs with revoked credentials`).then(
          () => undefined,
          (reason: unknown) => reason,
        );
        subject.hear(error);
        demand(
          error instanceof FaninError && error.code === 'AUTH',
          `${what} must throw FaninError AUTH when the provider refuses the credentials: ${messageOf(error)}`,
        );
      }
    } finally {
      await driver.repair();
    }
    for (const [what, ask] of askers(instance))
      await within(ask(), 15_000, `${what} hangs`).catch((error: unknown) =>
        demand(false, `${what} must work again once the credentials do: ${messageOf(error)}`),
      );
  });
}

function askers({ connection, reconcile }: ChannelInstance): readonly (readonly [string, () => Promise<unknown>])[] {
  const signal = (): AbortSignal => AbortSignal.timeout(10_000);
  return [
    ...(connection === undefined ? [] : [['connection.check', () => connection.check(signal())] as const]),
    ...(reconcile === undefined ? [] : [['reconcile.poll', () => reconcile.poll(null, signal())] as const]),
  ];
}
