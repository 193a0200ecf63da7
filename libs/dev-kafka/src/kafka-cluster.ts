import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { FaninError } from '@fanin/kernel';
import { BrokerProcess } from './broker-process.js';
import { freePorts } from './free-port.js';
import type { Guard } from './guard.js';
import { startGuard } from './guard.js';
import type { JarOptions } from './jars.js';
import { resolveKafkaJars } from './jars.js';
import { coordinatorsReady } from './probe.js';

export interface StartKafkaOptions extends JarOptions {
  readonly brokers?: 1 | 3;
  /** Data folder, kept after `stop`; without it a temporary one that `stop` removes. */
  readonly dir?: string;
  /** Ports of the brokers, in order; free ones when absent. */
  readonly ports?: readonly number[];
  readonly readyTimeoutMs?: number;
}

/** A real Kafka (KRaft) on loopback. Broker ids begin with 1. */
export interface KafkaCluster {
  /** Bootstrap addresses, `127.0.0.1:port`. */
  readonly brokers: readonly string[];
  /** Process ids of the brokers that run now. */
  pids(): readonly number[];
  /** Resolves when the process is gone. SIGKILL is the crash, SIGTERM the clean way, SIGSTOP and SIGCONT return at once. */
  kill(brokerId: number, signal?: NodeJS.Signals): Promise<void>;
  /** Starts a killed broker on its old data and port; resolves when it answers. */
  restart(brokerId: number): Promise<void>;
  /** Ends all brokers; idempotent. */
  stop(): Promise<void>;
}

const START_ATTEMPTS = 3;

/**
 * Starts Kafka and resolves when every broker answers and group coordinators are up. Rejects with CONFIG when Java or
 * Maven is missing or a wanted port is taken. The brokers end with this process, even when it is killed.
 */
export async function startKafka(options: StartKafkaOptions = {}): Promise<KafkaCluster> {
  const libs = await resolveKafkaJars(options);
  const temporary = options.dir === undefined;
  const dir = options.dir ?? mkdtempSync(join(tmpdir(), 'fanin-kafka-'));
  mkdirSync(dir, { recursive: true });
  for (let attempt = 1; ; attempt += 1) {
    const brokers = await layOut(libs, dir, options);
    const guard = startGuard();
    try {
      await bringUp(brokers, clusterId(dir), guard, options);
      return handle(brokers, guard, temporary ? dir : undefined, options);
    } catch (error) {
      await Promise.all(brokers.map((broker) => broker.end('SIGKILL')));
      guard.close();
      const taken = brokers.some((broker) => broker.portTaken);
      if (taken && options.ports === undefined && attempt < START_ATTEMPTS) continue; // another process was quicker
      if (temporary) rmSync(dir, { recursive: true, force: true });
      throw error;
    }
  }
}

async function layOut(libs: string, dir: string, options: StartKafkaOptions): Promise<readonly BrokerProcess[]> {
  const count = options.brokers ?? 1;
  if (options.ports !== undefined && options.ports.length !== count)
    throw new FaninError('CONFIG', `${count} broker(s) need ${count} port(s), got ${options.ports.length}.`);
  const free = await freePorts(count * 2);
  const layouts = Array.from({ length: count }, (_, index) => ({
    id: index + 1,
    port: options.ports?.[index] ?? (free[index] as number),
    controllerPort: free[count + index] as number,
    dataDir: join(dir, `broker-${index + 1}`, 'data'),
  }));
  const brokers = layouts.map((layout) => new BrokerProcess(layout, libs, join(dir, `broker-${layout.id}`)));
  for (const broker of brokers) broker.writeConfig(layouts);
  return brokers;
}

function clusterId(dir: string): string {
  const file = join(dir, 'cluster-id');
  if (!existsSync(file)) writeFileSync(file, newClusterId());
  return readFileSync(file, 'utf8');
}

async function bringUp(
  brokers: readonly BrokerProcess[],
  id: string,
  guard: Guard,
  options: StartKafkaOptions,
): Promise<void> {
  for (const broker of brokers) await broker.format(id);
  for (const broker of brokers) start(broker, guard);
  const deadline = Date.now() + (options.readyTimeoutMs ?? 90_000);
  await Promise.all(brokers.map((broker) => untilReady(broker, deadline)));
}

function start(broker: BrokerProcess, guard: Guard): void {
  broker.start();
  if (broker.pid !== undefined) guard.add(broker.pid);
}

async function untilReady(broker: BrokerProcess, deadline: number): Promise<void> {
  while (!(await coordinatorsReady(broker.layout.port))) {
    if (!broker.running)
      throw new FaninError(
        'CONFIG',
        `Kafka broker ${broker.layout.id} on port ${broker.layout.port} ended while starting: ${broker.tail()}`,
      );
    if (Date.now() > deadline)
      throw new FaninError('TRANSIENT', `Kafka broker ${broker.layout.id} did not answer in time: ${broker.tail()}`);
    await sleep(100);
  }
}

function handle(
  brokers: readonly BrokerProcess[],
  guard: Guard,
  temporaryDir: string | undefined,
  options: StartKafkaOptions,
): KafkaCluster {
  const find = (id: number): BrokerProcess => {
    const broker = brokers.find((each) => each.layout.id === id);
    if (broker === undefined) throw new FaninError('CONFIG', `There is no broker ${id}.`);
    return broker;
  };
  const forget = (broker: BrokerProcess): void => {
    if (broker.pid !== undefined) guard.remove(broker.pid);
  };
  let stopped: Promise<void> | undefined;
  return {
    brokers: brokers.map((broker) => `127.0.0.1:${broker.layout.port}`),
    pids: () =>
      brokers.filter((broker) => broker.running).flatMap((broker) => (broker.pid === undefined ? [] : [broker.pid])),
    async kill(id, signal = 'SIGKILL') {
      const broker = find(id);
      if (signal === 'SIGSTOP' || signal === 'SIGCONT') {
        if (broker.pid !== undefined) process.kill(broker.pid, signal);
        return;
      }
      await broker.end(signal);
      forget(broker);
    },
    async restart(id) {
      const broker = find(id);
      start(broker, guard);
      await untilReady(broker, Date.now() + (options.readyTimeoutMs ?? 90_000));
    },
    stop() {
      stopped ??= (async () => {
        // A temporary cluster's data is thrown away: no need to wait for a clean shutdown.
        await Promise.all(brokers.map((broker) => broker.end(temporaryDir === undefined ? 'SIGTERM' : 'SIGKILL')));
        for (const broker of brokers) forget(broker);
        guard.close();
        if (temporaryDir !== undefined) rmSync(temporaryDir, { recursive: true, force: true });
      })();
      return stopped;
    },
  };
}

/** 16 bytes as Kafka writes them. None begins with a dash, which its tools would take for an option. */
export function newClusterId(bytes = randomBytes(16)): string {
  const [first = 0, ...rest] = bytes;
  return Buffer.from([first & 0x7f, ...rest]).toString('base64url');
}
