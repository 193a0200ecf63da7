import { setTimeout as sleep } from 'node:timers/promises';
import type { KafkaCluster } from '@fanin/dev-kafka';
import { until } from '../../system/until.js';
import type { FaultCase, FaultRun } from '../case.js';
import { looksAllowed, PollWatch, type Poller } from '../poll-watch.js';
import { refusalFaults, watchRefusals } from '../refusals.js';

const BROKERS = [1, 2, 3] as const;

function kafkaOf({ kafka }: FaultRun): KafkaCluster {
  if (kafka === undefined) throw new Error('needs a Kafka of its own');
  return kafka;
}

const killed: FaultCase = {
  name: 'broker-killed',
  mayLeave: true,
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
  mayLeave: true,
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

/** Longer than the longest interval at which a vendor is asked (15 s). */
const WATCHED_MS = 20_000;
/** The longest back-off, and a look. */
const RESUME_WITHIN_MS = 75_000;
const POLLERS: readonly Poller[] = ['twilio', 'x'];
/** X is asked every 2 s, Twilio every 15 s and after each webhook that was refused: only of X, and in time, less is asked for. */
const DRAWS_BACK: Poller = 'x';
const JUDGED_FROM_MS = 45_000;

const seconds = (ms: number): string => `${Math.round(ms / 1000)} s`;

/** Pollers look as usual before, draw back while what they find cannot be kept, and come again by themselves. */
async function watchPollers(
  { system, fault, note }: FaultRun,
  outage: () => Promise<void>,
  mend: () => Promise<void>,
): Promise<void> {
  const watch = new PollWatch(system.vendors);
  try {
    await sleep(WATCHED_MS);
    const before = watch.looks;
    const began = performance.now();
    await outage();
    const [end, awayMs] = [watch.looks, performance.now() - began];
    await mend();
    const mended = performance.now();
    for (const poller of POLLERS) {
      const [looks, allowed] = [end[poller] - before[poller], looksAllowed(awayMs)];
      if (before[poller] === 0) fault(`${poller} was not asked while all was well: its pause proves nothing`);
      if (poller === DRAWS_BACK && awayMs >= JUDGED_FROM_MS && looks > allowed)
        fault(`${poller} was asked ${looks} times in ${seconds(awayMs)}, back-off allows ${allowed}`);
      note(
        `${poller} asked ${before[poller]} times in ${seconds(WATCHED_MS)}, then ${looks} in ${seconds(awayMs)} away`,
      );
    }
    const isBack = (): boolean => POLLERS.every((poller) => watch.looks[poller] > end[poller]);
    await until('every poller looks again', isBack, RESUME_WITHIN_MS);
    note(`asked again ${seconds(performance.now() - mended)} after it`);
  } finally {
    watch.stop();
  }
}

const away: FaultCase = {
  name: 'broker-away',
  mayLeave: true,
  what: 'the only Kafka broker stopped: edges refuse within 2 s, pollers pause, everything drains afterwards',
  forms: ['cluster'],
  seconds: 15,
  async breakThings(run) {
    const kafka = kafkaOf(run);
    const outage = async (): Promise<void> => {
      await kafka.kill(1);
      // Before the broker starts: a JVM that comes up wants both cores.
      const refusals = await watchRefusals(run.traffic, run.seconds);
      for (const line of refusalFaults(refusals)) run.fault(line);
      run.note(`${refusals.refused} refusals, slowest ${Math.round(refusals.slowestMs)} ms`);
    };
    await watchPollers(run, outage, () => kafka.restart(1));
  },
};

export const BROKER_CASES: readonly FaultCase[] = [away, killed, rolled];
