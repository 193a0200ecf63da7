import type { KafkaCluster } from '@fanin/dev-kafka';
import { sleep, type FaultCase, type FaultRun } from '../case.js';

const BROKERS = [1, 2, 3] as const;
/** DESIGN §1: when the log is away, an edge refuses within 2 s; the rest is the way there and back on a busy machine. */
const REFUSE_WITHIN_MS = 2_500;

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
    // What was under way when the broker died waits for its own deadline; from then on everything is refused at once.
    await sleep(REFUSE_WITHIN_MS);
    const before = run.traffic.refusals.count;
    const unansweredBefore = run.traffic.unanswered.count;
    let longestMs = 0;
    for (const until = performance.now() + run.seconds * 1000; performance.now() < until; await sleep(250))
      longestMs = Math.max(longestMs, run.traffic.longestWaitMs);
    const refused = run.traffic.refusals.count - before;
    // Before the broker starts: a JVM that comes up wants both cores.
    const slowest = run.traffic.refusals.max;
    const unanswered = run.traffic.unanswered.count - unansweredBefore;
    await kafka.restart(1);
    if (refused === 0) run.fault('nothing was refused while the log was away');
    if (slowest > REFUSE_WITHIN_MS) run.fault(`a refusal took ${Math.round(slowest)} ms`);
    if (unanswered > 0) run.fault(`${unanswered} senders were not answered at all`);
    if (longestMs > REFUSE_WITHIN_MS) run.fault(`a sender waited ${Math.round(longestMs)} ms`);
    run.note(`${refused} refusals, slowest ${Math.round(slowest)} ms`);
  },
};

export const BROKER_CASES: readonly FaultCase[] = [away, killed, rolled];
