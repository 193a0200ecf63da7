import type { KafkaCluster } from '@fanin/dev-kafka';
import { sleep, type FaultCase, type FaultRun } from '../case.js';
import { refusalFaults, watchRefusals } from '../refusals.js';

const BROKERS = [1, 2, 3] as const;

function kafkaOf({ kafka }: FaultRun): KafkaCluster {
  if (kafka === undefined) throw new Error('needs a Kafka of its own');
  return kafka;
}

const killed: FaultCase = {
  name: 'broker-killed',
  what: 'one Kafka broker of three killed -9, and started again',
  forms: ['cluster'],
  brokers: 3,
  seconds: 20,
  async breakThings(run) {
    const kafka = kafkaOf(run);
    const until = performance.now() + run.seconds * 1000;
    let kills = 0;
    do {
      const id = run.random.pick(BROKERS);
      await kafka.kill(id);
      kills += 1;
      await sleep(run.random.between(2_000, 8_000));
      await kafka.restart(id);
      await sleep(3_000);
    } while (performance.now() < until);
    run.note(`${kills} brokers killed`);
  },
};

const rolled: FaultCase = {
  name: 'broker-rolling',
  what: 'all three Kafka brokers restarted one after the other',
  forms: ['cluster'],
  brokers: 3,
  async breakThings(run) {
    const kafka = kafkaOf(run);
    for (const id of run.random.shuffled(BROKERS)) {
      await kafka.kill(id, 'SIGTERM');
      await kafka.restart(id);
      await sleep(3_000);
    }
    run.note('3 brokers restarted');
  },
};

const away: FaultCase = {
  name: 'broker-away',
  what: 'the only Kafka broker stopped: edges refuse within 2 s, everything drains afterwards',
  forms: ['cluster'],
  seconds: 15,
  async breakThings(run) {
    const kafka = kafkaOf(run);
    await kafka.kill(1);
    // Before the broker starts: a JVM that comes up wants both cores.
    const refusals = await watchRefusals(run.traffic, run.seconds);
    await kafka.restart(1);
    for (const line of refusalFaults(refusals)) run.fault(line);
    run.note(`${refusals.refused} refusals, slowest ${Math.round(refusals.slowestMs)} ms`);
  },
};

export const BROKER_CASES: readonly FaultCase[] = [away, killed, rolled];
