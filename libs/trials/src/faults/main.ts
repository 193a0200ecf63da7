import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { kafkaUnavailable } from '@fanin/test-kit';
import { takeFamilyAlong } from '../system/processes.js';
import { root } from '../system/program.js';
import type { Form, OwnCase } from './case.js';
import { FAULT_CASES } from './cases.js';
import { CONTROLS, proveControls } from './controls.js';
import { OWN_CASES } from './own-cases.js';
import { isRed, tableOf } from './report.js';
import { runCases } from './run-cases.js';
import type { CaseReport } from './run-case.js';

const QUIET_MS = 240_000;

interface Named {
  readonly name: string;
  readonly forms: readonly Form[];
}

const ALL: readonly (Named & { readonly what: string })[] = [...FAULT_CASES, ...OWN_CASES];

const USAGE = `npm run faults -- [--minutes N] [--seed S] [--form cluster|standalone] [--only CASE,CASE] [--controls] [--list]

Starts the whole system, lets customers write to it at every door, breaks things on a seeded schedule, mends them, waits for
rest, and compares what was acknowledged with what is there. Exit code 1 when anything is lost, doubled, out of order or sent
twice, or when fates or metrics do not come out.

  --minutes N        how long things are broken, all cases together (default: the short time of each)
  --seed S           the schedule; the same seed and case break the same things in the same order (default: by the time of day)
  --form FORM        cluster (real Kafka, a process for each service; default) or standalone
  --only CASE,CASE   only these
  --pace N           senders hurry or dawdle by that factor (default 1)
  --controls         the negative controls instead: one safeguard off after the other, and the verdict must be red
  --list             what there is

Cases:
${ALL.map(({ name, what, forms }) => `  ${name.padEnd(18)} ${what} (${forms.join(', ')})`).join('\n')}

Negative controls:
${CONTROLS.map(({ name, off, forms }) => `  ${name.padEnd(18)} ${off} (${forms.join(', ')})`).join('\n')}
`;

interface Wish {
  readonly minutes: number | undefined;
  readonly seed: number;
  readonly form: Form;
  readonly only: readonly string[] | undefined;
  readonly pace: number;
  readonly controls: boolean;
}

/** Throws an Error that says what is wrong with the command line; undefined when only words are wanted. */
function wishOf(argv: readonly string[]): Wish | undefined {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      minutes: { type: 'string' },
      seed: { type: 'string' },
      form: { type: 'string', default: 'cluster' },
      only: { type: 'string' },
      pace: { type: 'string', default: '1' },
      controls: { type: 'boolean', default: false },
      list: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.list || values.help) return undefined;
  const { form } = values;
  if (form !== 'cluster' && form !== 'standalone') throw new Error(`--form is cluster or standalone, not "${form}"`);
  const number = (name: string, text: string): number => {
    const value = Number(text);
    if (!(value > 0)) throw new Error(`--${name} is a number above 0, not "${text}"`);
    return value;
  };
  const only = values.only?.split(',').map((name) => name.trim());
  const all: readonly Named[] = values.controls ? CONTROLS : ALL;
  const known = all.map(({ name }) => name);
  const unknown = only?.find((name) => !known.includes(name));
  if (unknown !== undefined) throw new Error(`--only takes ${known.join(', ')}, not "${unknown}"`);
  const elsewhere = all.find((one) => only?.includes(one.name) && !one.forms.includes(form));
  if (elsewhere !== undefined)
    throw new Error(`${elsewhere.name} runs with --form ${elsewhere.forms.join(' or ')} only`);
  return {
    minutes: values.minutes === undefined ? undefined : number('minutes', values.minutes),
    seed: values.seed === undefined ? Date.now() % 1_000_000 : number('seed', values.seed),
    form,
    only,
    pace: number('pace', values.pace),
    controls: values.controls,
  };
}

const say = (line: string): void => console.log(`${new Date().toISOString().slice(11, 19)} ${line}`);

async function proveOwn(one: OwnCase, wish: Wish): Promise<CaseReport> {
  const began = performance.now();
  const { form, seed, minutes } = wish;
  const { problems, figures } = await one
    .prove({ form, seed, minutes, say })
    .catch((error: unknown) => ({ problems: [String(error)], figures: '' }));
  say(`${one.name}: ${problems.length > 0 ? 'RED' : 'ok'}, ${figures}`);
  const seconds = (performance.now() - began) / 1000;
  return { name: one.name, form, verdict: undefined, problems, notes: [figures], seconds, drainSeconds: undefined };
}

function chosen<T extends Named>(all: readonly T[], { form, only }: Wish): readonly T[] {
  return all.filter(({ name, forms }) => forms.includes(form) && (only?.includes(name) ?? true));
}

async function runControls(wish: Wish): Promise<boolean> {
  const outcomes = await proveControls(chosen(CONTROLS, wish), { form: wish.form, seed: wish.seed, say });
  console.log(`\n${'control'.padEnd(18)} ${'with it'.padEnd(10)} ${'without'.padEnd(10)} by`);
  for (const { name, green, red, by } of outcomes)
    console.log(
      `${name.padEnd(18)} ${(green ? 'green' : 'RED').padEnd(10)} ${(red ? 'red' : 'GREEN').padEnd(10)} ${by}`,
    );
  const failed = outcomes.filter(({ green, red }) => !green || !red);
  if (failed.length > 0)
    console.log(`\n${failed.length} control(s) did not turn from green to red: that verdict proves nothing.`);
  return outcomes.length > 0 && failed.length === 0;
}

async function runFaults(wish: Wish): Promise<boolean> {
  const { form, minutes } = wish;
  const reports = [
    ...(await runCases({
      form,
      cases: chosen(FAULT_CASES, wish),
      seed: wish.seed,
      pace: wish.pace,
      quietMs: QUIET_MS,
      logs: join(root, 'tmp', 'faults'),
      say,
      ...(minutes === undefined ? {} : { minutes }),
    })),
  ];
  for (const one of chosen(OWN_CASES, wish)) reports.push(await proveOwn(one, wish));
  console.log(`\nseed ${wish.seed}\n${tableOf(reports)}`);
  const red = reports.filter(isRed);
  console.log(
    red.length === 0 ? `\n${reports.length} cases, all green` : `\n${red.length} of ${reports.length} cases are RED`,
  );
  return reports.length > 0 && red.length === 0;
}

/** The command. Answers the exit code. */
export async function main(argv: readonly string[]): Promise<number> {
  let wish: Wish | undefined;
  try {
    wish = wishOf(argv);
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`);
    return 1;
  }
  if (wish === undefined) {
    console.log(USAGE);
    return 0;
  }
  const missing = wish.form === 'cluster' ? kafkaUnavailable() : undefined;
  if (missing !== undefined) {
    console.error(`The cluster form needs a Kafka: ${missing} Or: --form standalone`);
    return 1;
  }
  takeFamilyAlong();
  say(`seed ${wish.seed}`);
  return (await (wish.controls ? runControls(wish) : runFaults(wish))) ? 0 : 1;
}
