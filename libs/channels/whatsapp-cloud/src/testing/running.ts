import { createTestHost, type ChannelInstance, type TestHost } from '@fanin/connector-kit';
import { validateInput } from '@fanin/contracts';
import { WebhookDoor } from '@fanin/meta';
import type { MetaSimulatorOptions } from '@fanin/simulators/meta';
import { channel } from '../index.js';
import { configFor, SimulatedNumber } from './simulated-number.js';

/** The channel as the host runs it, a number at Meta's, and the webhook between them. */
export interface Running {
  readonly number: SimulatedNumber;
  readonly door: WebhookDoor;
  readonly host: TestHost;
  readonly instance: ChannelInstance;
  /** Another account of the same process. */
  add(accountId: string, config: Readonly<Record<string, unknown>>): ChannelInstance;
  close(): Promise<void>;
}

export async function run(
  options: MetaSimulatorOptions = {},
  changes: Readonly<Record<string, unknown>> = {},
): Promise<Running> {
  const number = await SimulatedNumber.start({ retryScale: 0.000_001, ...options });
  const door = await WebhookDoor.open();
  const host = createTestHost();
  const shared = await channel.open?.(host);
  const add = (id: string, raw: Readonly<Record<string, unknown>>): ChannelInstance => {
    const result = validateInput(channel.Config, raw);
    if (!result.ok) throw new Error(JSON.stringify(result.problems));
    const made = channel.create({ id, tenant: `tenant-of-${id}`, config: result.value }, host, shared);
    door.add(id, made);
    return made;
  };
  const instance = add('shop', { ...configFor(number.meta.url), ...changes });
  return {
    number,
    door,
    host,
    instance,
    add,
    close: async () => {
      await instance.close();
      await channel.closeShared?.(shared);
      await number.meta.close();
      await door.close();
    },
  };
}

export const context = {
  signal: AbortSignal.timeout(120_000),
  attachment: () => Promise.reject(new Error('there is none')),
};
