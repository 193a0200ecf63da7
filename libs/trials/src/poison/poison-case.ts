import { startKafka } from '@fanin/dev-kafka';
import { startTestDatabase } from '@fanin/test-kit';
import type { Form, OwnCase, OwnCaseOptions } from '../faults/case.js';
import { faultsWithAll, POISON_CONTROLS, unseenOf } from './controls.js';
import type { PoisonVerdict } from './poison-verdict.js';
import type { WorldOptions } from './poison-world.js';
import { runPoison } from './run-poison.js';

const SHORT = { records: 2_500, bad: 25 };
/** At a rate that a machine of two cores holds with every hundredth record bad. */
const LONG = { records: 50_000, bad: 500, rate: 400 };
/** What poison may add to the time that its neighbours take, at p99. */
const MAX_DELAY_MS = 1_000;

export const poisonCase: OwnCase = {
  name: 'poison',
  what: 'bad records of twelve kinds among good ones; dead letters, neighbours, re-drive after a fix three times',
  forms: ['cluster', 'standalone'],
  async prove(options) {
    const isLong = options.minutes !== undefined;
    const verdict = await run(options, isLong ? LONG : SHORT);
    const delay = verdict.neighboursP99Ms - verdict.calmP99Ms;
    // A short run is over before a busy machine has warmed up: its times are told, and not judged.
    const late = isLong && delay >= MAX_DELAY_MS ? [`neighbours are ${delay} ms later at p99 than without poison`] : [];
    return { problems: [...verdict.problems, ...late], figures: figuresOf(verdict) };
  },
};

export const poisonControlsCase: OwnCase = {
  name: 'poison-controls',
  what: 'negative controls of poison: without isolation, dead letters or stable ids the trial turns red',
  forms: ['cluster', 'standalone'],
  async prove({ form, seed, say }) {
    const problems = [...(await onOwnServers(form, (servers) => faultsWithAll({ ...servers, seed })))];
    for (const control of POISON_CONTROLS) {
      const unseen = await onOwnServers(form, (servers) => unseenOf(control, { ...servers, seed }));
      say(`without ${control.without}: ${unseen.length === 0 ? 'red, as it must be' : 'NOT SEEN'}`);
      problems.push(...unseen.map((sign) => `without ${control.without} nothing says "${sign}"`));
    }
    return { problems, figures: `${POISON_CONTROLS.length} controls` };
  },
};

function run({ form, seed, say }: OwnCaseOptions, size: typeof SHORT | typeof LONG): Promise<PoisonVerdict> {
  return onOwnServers(form, (servers) => runPoison({ ...servers, seed, print: say, ...size }));
}

async function onOwnServers<T>(form: Form, work: (servers: WorldOptions) => Promise<T>): Promise<T> {
  const [database, kafka] = await Promise.all([
    startTestDatabase(),
    form === 'cluster' ? startKafka({ brokers: 1 }) : undefined,
  ]);
  const brokers = kafka === undefined ? {} : { brokers: kafka.brokers };
  try {
    return await work({ databaseUrl: database.url, ...brokers });
  } finally {
    await database.stop();
    await kafka?.stop();
  }
}

function figuresOf(verdict: PoisonVerdict): string {
  const { bad, deadLetters, through, redriven, calmP99Ms, neighboursP99Ms } = verdict;
  return (
    `${bad} bad, ${deadLetters} dead letters, put back ${redriven.join(' + ')}, through once ${through}; ` +
    `p99 ${neighboursP99Ms} ms beside poison, ${calmP99Ms} ms without`
  );
}
