import { randomBytes } from 'node:crypto';
import { kafkaJarsCached, missingForKafka, startKafka } from '@fanin/dev-kafka';
import { LoadProcess } from '../drive/load-process.js';
import {
  AS_IN_A_CONTAINER,
  measureEmbedded,
  measureOverKafka,
  type MeasuredSystem,
} from '../measure/measured-system.js';
import { Recorder } from '../oracle/recorder.js';
import { takeFamilyAlong } from '../system/processes.js';
import { parseOptions, USAGE, type SoakOptions } from './options.js';
import { runOverload } from './run-overload.js';
import { runSoak } from './run-soak.js';
import { trafficOf } from './traffic.js';

const say = (line: string): void => void process.stdout.write(`${line}\n`);

function overKafka(brokers: readonly string[]): Promise<MeasuredSystem> {
  return measureOverKafka(brokers, { environment: AS_IN_A_CONTAINER });
}

/** The system and, where it needs one and none is named, a Kafka; `stop` ends both. */
async function start({ form }: SoakOptions): Promise<MeasuredSystem> {
  if (form === 'standalone') return measureEmbedded();
  const named = process.env['KAFKA_BROKERS'];
  if (named !== undefined && named !== '') return overKafka(named.split(','));
  const missing = missingForKafka({ jarsCached: kafkaJarsCached() });
  if (missing.length > 0)
    throw new Error(`${missing.join(' ')} Or name brokers in KAFKA_BROKERS, or use --form standalone.`);
  const kafka = await startKafka();
  try {
    const measured = await overKafka(kafka.brokers);
    const stop = async (): Promise<void> => {
      await measured.stop();
      await kafka.stop();
    };
    return { ...measured, stop };
  } catch (error) {
    await kafka.stop();
    throw error;
  }
}

async function run(options: SoakOptions): Promise<boolean> {
  say(`starting the system (${options.form}) …`);
  const measured = await start(options);
  const recorder = new Recorder();
  const drives = trafficOf(measured.system, `s${randomBytes(3).toString('hex')}`);
  const load = await LoadProcess.start(drives, recorder);
  const world = { measured, load, drives, recorder, say };
  try {
    say('opening the sockets of visitors …');
    await load.prepare();
    return await (options.overload ? runOverload(world, options) : runSoak(world, options));
  } finally {
    await load.close();
    await measured.stop();
  }
}

let options: SoakOptions | undefined;
try {
  options = parseOptions(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`);
  process.exit(1);
}
if (options === undefined) say(USAGE);
else {
  takeFamilyAlong();
  process.exitCode = (await run(options)) ? 0 : 1;
}
