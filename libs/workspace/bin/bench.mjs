/**
 * npm run bench [-- --json FILE] [-- --only NAME,NAME] (see --help)
 *
 * Runs every `bench/NAME.bench.ts` of the libraries: the function `benchName({databaseUrl, brokers})` gives one figure, or
 * several by name, as a ratio against a limit measured in the same run, so that a slow or busy machine moves both.
 * A real PostgreSQL is started for them, and a real Kafka where Java and Maven (or KAFKA_BROKERS) are there.
 */
import { readdirSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { pathToFileURL } from 'node:url';
import { TARGETS, verdictOf } from './bench-targets.mjs';
import { ensureInstalled } from './ensure-installed.mjs';

const root = join(import.meta.dirname, '..', '..', '..');

function benches() {
  const libs = join(root, 'dist', 'libs');
  return readdirSync(libs, { recursive: true, encoding: 'utf8' })
    .filter((name) => /(^|\/)bench\/[\w-]+\.bench\.js$/.test(name))
    .sort()
    .map((name) => join(libs, name));
}

/** benchCodec → codec; a function that gives several figures names them itself. */
function figuresOf(functionName, result) {
  if (typeof result.ratio === 'number') {
    const name = functionName
      .replace(/^bench/, '')
      .replace(/(?!^)([A-Z])/g, '_$1')
      .toLowerCase();
    return { [name]: result };
  }
  return result;
}

function round(value) {
  return value >= 100 ? Math.round(value) : Math.round(value * 1000) / 1000;
}

/** bus-kafka.bench.js exports benchBusKafka. */
function functionOf(file) {
  const words = basename(file, '.bench.js').split('-');
  return `bench${words.map((word) => word[0].toUpperCase() + word.slice(1)).join('')}`;
}

const USAGE = `npm run bench -- [--only NAME,NAME] [--json FILE]

Prints each figure as a ratio against a limit that is measured in the same run, what it is to be at least (≥) or at most (≤), and
whether it is. A cost has the limit that it names itself.

  --only NAME,NAME   only these, by figure or by bench: ${benchNames().join(', ')}
  --json FILE        writes the figures to a file as well
  --help             this text

The names with kafka need a real Kafka: KAFKA_BROKERS=host:port,host:port, or Java and Maven, which start one here. Without
either they are left out, and the run says so. The others need nothing but npm.
`;

/** From the sources: nothing is built yet when a person asks for help. */
function benchNames() {
  return readdirSync(join(root, 'libs'), { recursive: true, encoding: 'utf8' })
    .filter((name) => /(^|\/)bench\/[\w-]+\.bench\.ts$/.test(name))
    .map((name) => basename(name, '.bench.ts'))
    .sort();
}

/** By the name of a figure or of a bench, or by a part of it. */
function benchesOf(name) {
  const known = benchNames();
  const figure = TARGETS[name.replaceAll('-', '_')]?.bench;
  const bench = name.replaceAll('_', '-');
  if (known.includes(bench)) return [bench];
  if (figure !== undefined) return [figure];
  const found = name === '' ? [] : known.filter((each) => each.includes(bench));
  if (found.length > 0) return found;
  const names = [...new Set([...known, ...Object.keys(TARGETS)])];
  throw new Error(`--only takes names out of ${names.join(', ')}, not "${name}"`);
}

/** Throws an Error whose message says what is wrong with the command line. Undefined when help is wanted. */
function parseOptions() {
  const { values } = parseArgs({
    options: { json: { type: 'string' }, only: { type: 'string' }, help: { type: 'boolean', short: 'h' } },
  });
  if (values.help) return undefined;
  const only = values.only?.split(',').flatMap((name) => benchesOf(name.trim()));
  return { json: values.json, only };
}

async function kafka() {
  if (process.env.KAFKA_BROKERS) return { brokers: process.env.KAFKA_BROKERS.split(','), stop: async () => {} };
  const { kafkaJarsCached, missingForKafka, startKafka } = await library('dev-kafka');
  const missing = missingForKafka({ jarsCached: kafkaJarsCached() });
  if (missing.length > 0) {
    console.log(`Kafka figures left out: ${missing.join(' ')}`);
    return undefined;
  }
  return startKafka();
}

function library(name) {
  return import(pathToFileURL(join(root, 'dist', 'libs', name, 'src', 'index.js')).href);
}

/** The larger figures have words of their own: what ran where, and what one message costs. */
function print(figures) {
  const columns = (name, value, limit, ratio, target) =>
    `${name.padEnd(28)} ${value.padStart(10)} ${limit.padStart(10)} ${ratio.padStart(8)}  ${target.padEnd(12)}`;
  console.log(`\n${columns('figure', 'value', 'limit', 'ratio', 'wanted')}  unit`);
  for (const [name, { value, limit, ratio, unit }] of Object.entries(figures)) {
    const line = columns(name, String(round(value)), String(round(limit)), ratio.toFixed(2), verdictOf(name, ratio));
    console.log(`${line}  ${unit}`);
  }
}

async function measure({ json, only }) {
  await ensureInstalled();
  const { build } = await import('./build.mjs');
  await build({});
  const { startTestDatabase } = await library('test-kit');
  console.log(`${cpus().length} cores, Node ${process.version}; load generator, database and Fanin share them.`);

  const figures = {};
  for (const file of benches()) {
    const name = functionOf(file);
    if (only && !only.includes(basename(file, '.bench.js'))) continue;
    const cluster = /Kafka/.test(name) ? await kafka() : undefined;
    if (/Kafka/.test(name) && cluster === undefined) continue;
    const database = await startTestDatabase();
    try {
      console.log(`… ${basename(file, '.bench.js')}`);
      const run = (await import(pathToFileURL(file).href))[name];
      Object.assign(figures, figuresOf(name, await run({ databaseUrl: database.url, brokers: cluster?.brokers })));
    } catch (error) {
      // The others are measured all the same.
      console.error(`${basename(file, '.bench.js')} broke off:`, error);
      process.exitCode = 1;
    } finally {
      await database.stop();
      await cluster?.stop();
    }
  }

  print(figures);
  if (json) {
    writeFileSync(json, `${JSON.stringify(figures, null, 2)}\n`);
    console.log(`\nwritten to ${json}`);
  }
}

let options;
try {
  options = parseOptions();
} catch (error) {
  console.error(`${error.message}\n\n${USAGE}`);
  process.exit(1);
}
if (options) await measure(options);
else console.log(USAGE);
