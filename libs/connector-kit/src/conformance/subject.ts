import { validateInput } from '@fanin/contracts';
import { messageOf } from '@fanin/kernel';
import type { ChannelInstance } from '../channel.js';
import { secretValuesOf } from '../secret-values.js';
import { createTestHost, type TestHost } from '../testing/test-host.js';
import type { ChannelContract } from './channel-contract.js';
import { Demand } from './demand.js';

export interface RunningSubject {
  readonly instance: ChannelInstance;
  readonly host: TestHost;
  readonly secrets: readonly string[];
}

/** The channel under test, opened when the first check needs it, closed once. */
export interface ContractSubject {
  rawConfig(): Promise<Readonly<Record<string, unknown>>>;
  running(): Promise<RunningSubject>;
  /** A second account beside the first, on the same host and shared part. */
  another(rawConfig: Readonly<Record<string, unknown>>): Promise<ChannelInstance>;
  /** Messages of the errors that the channel threw: no secret may stand in them. */
  readonly heard: readonly string[];
  hear(error: unknown): void;
  close(): Promise<void>;
}

export function createSubject(contract: ChannelContract): ContractSubject {
  const { channel } = contract;
  const heard: string[] = [];
  const closers: (() => Promise<void>)[] = [];
  let config: Promise<Readonly<Record<string, unknown>>> | undefined;
  let started: Promise<RunningSubject> | undefined;
  let opened: unknown;
  const hear = (error: unknown): void =>
    void heard.push(`${messageOf(error)} ${String((error as { cause?: unknown } | null)?.cause ?? '')}`);

  const rawConfig = (): Promise<Readonly<Record<string, unknown>>> =>
    (config ??= Promise.resolve(typeof contract.config === 'function' ? contract.config() : contract.config));

  async function start(): Promise<RunningSubject> {
    const result = validateInput(channel.Config, await rawConfig());
    if (!result.ok)
      throw new Demand('contract.spec.ts: `config` must be a configuration that works (see the line about it)');
    const host = createTestHost(contract.host);
    try {
      const shared = await channel.open?.(host);
      opened = shared;
      if (channel.closeShared !== undefined) closers.push(() => channel.closeShared?.(shared) ?? Promise.resolve());
      const instance = channel.create({ id: 'account-1', tenant: 'default', config: result.value }, host, shared);
      closers.push(() => instance.close());
      return { instance, host, secrets: secretValuesOf(channel.Config, result.value) };
    } catch (error) {
      hear(error);
      throw new Demand(`src/channel.ts: create failed with the configuration of contract.spec.ts: ${messageOf(error)}`);
    }
  }

  async function another(raw: Readonly<Record<string, unknown>>): Promise<ChannelInstance> {
    const { host } = await running();
    const result = validateInput(channel.Config, raw);
    if (!result.ok) throw new Demand('contract.spec.ts: `otherConfig` must be a configuration that works');
    const instance = channel.create({ id: 'account-2', tenant: 'other', config: result.value }, host, opened);
    closers.push(() => instance.close());
    return instance;
  }

  const running = (): Promise<RunningSubject> => (started ??= start());

  return {
    rawConfig,
    another,
    running,
    heard,
    hear,
    async close() {
      for (const close of closers.reverse()) await close();
      await contract.close?.();
    },
  };
}
