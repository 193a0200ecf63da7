import { startKafka } from '@fanin/dev-kafka';
import { startTestDatabase } from '@fanin/test-kit';
import type { OwnCase, OwnCaseOptions } from '../faults/case.js';
import type { PoisonVerdict } from './poison-verdict.js';
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

async function run({ form, seed, say }: OwnCaseOptions, size: typeof SHORT | typeof LONG): Promise<PoisonVerdict> {
  const [database, kafka] = await Promise.all([
    startTestDatabase(),
    form === 'cluster' ? startKafka({ brokers: 1 }) : undefined,
  ]);
  const brokers = kafka === undefined ? {} : { brokers: kafka.brokers };
  try {
    return await runPoison({ databaseUrl: database.url, seed, print: say, ...size, ...brokers });
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
