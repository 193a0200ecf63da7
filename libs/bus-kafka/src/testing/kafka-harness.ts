import type { Bus, BusHarness } from '@fanin/bus';
import type { KafkaCluster } from '@fanin/dev-kafka';
import { createSystemClock, noMetrics, silentLogger } from '@fanin/kernel';
import type { KafkaBus } from '../kafka-bus.js';
import { createKafkaBus } from '../kafka-bus.js';

const SESSION_MS = 6_000;

/** Buses over a real cluster that may be broken: every broker is stopped and started by its process id. */
export function kafkaHarness(cluster: KafkaCluster, brokerCount: 1 | 3): BusHarness {
  const buses: KafkaBus[] = [];
  const ids = Array.from({ length: brokerCount }, (_, index) => index + 1);
  const create = (): KafkaBus => {
    const bus = createKafkaBus({
      brokers: cluster.brokers,
      clientId: 'contract',
      sessionTimeoutMs: SESSION_MS,
      heartbeatIntervalMs: 500,
      deps: { clock: createSystemClock(), logger: silentLogger, metrics: noMetrics },
    });
    buses.push(bus);
    return bus;
  };
  const harness: BusHarness = {
    createBus: () => Promise.resolve<Bus>(create()),
    kill: (bus) => {
      (bus as KafkaBus).cutOff();
      return Promise.resolve();
    },
    breakLog: async () => void (await Promise.all(ids.map((id) => cluster.kill(id)))),
    mendLog: async () => void (await Promise.all(ids.map((id) => cluster.restart(id)))),
    sessionMs: SESSION_MS,
    takeoverMs: SESSION_MS + 5_000,
    stop: async () => void (await Promise.all(buses.map((bus) => bus.close()))),
  };
  if (brokerCount === 1) return harness;
  return {
    ...harness,
    changeLeader: async () => {
      const [victim] = ids;
      if (victim === undefined) return;
      await cluster.kill(victim, 'SIGKILL');
      await cluster.restart(victim);
    },
  };
}
