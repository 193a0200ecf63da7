import { parseArgs } from 'node:util';
import type { ErrorCode } from '@fanin/kernel';
import { ERROR_TRAITS, messageOf } from '@fanin/kernel';
import type { Bus } from '../port.js';
import type { RedriveOptions } from './redrive.js';
import { redrive } from './redrive.js';

export const REDRIVE_USAGE = `usage: npm run redrive -- --topic TOPIC [--code CODE] [--reason TEXT] [--group GROUP] [--limit N] [--dry-run]

Puts dead letters of TOPIC back on it, each once. CODE is one of ${Object.keys(ERROR_TRAITS).join(', ')}.`;

function parse(argv: readonly string[]): RedriveOptions | string {
  const string = { type: 'string' } as const;
  const options = {
    topic: string,
    code: string,
    reason: string,
    group: string,
    limit: string,
    'dry-run': { type: 'boolean' },
    help: { type: 'boolean' },
  } as const;
  const { values } = parseArgs({ args: [...argv], options });
  if (values.help === true) return REDRIVE_USAGE;
  if (values.topic === undefined) return `--topic is missing\n${REDRIVE_USAGE}`;
  if (values.code !== undefined && !(values.code in ERROR_TRAITS))
    return `--code ${values.code} is no error code\n${REDRIVE_USAGE}`;
  const limit = values.limit === undefined ? undefined : Number(values.limit);
  if (limit !== undefined && !(Number.isInteger(limit) && limit > 0))
    return `--limit must be a whole number above 0\n${REDRIVE_USAGE}`;
  return {
    topic: values.topic,
    ...(values.code === undefined ? {} : { code: values.code as ErrorCode }),
    ...(values.reason === undefined ? {} : { reason: values.reason }),
    ...(values.group === undefined ? {} : { group: values.group }),
    ...(limit === undefined ? {} : { limit }),
    dryRun: values['dry-run'] === true,
  };
}

/** The command behind `npm run redrive`; returns the exit code. The caller makes and closes the bus. */
export async function redriveCommand(
  bus: Bus,
  argv: readonly string[],
  print: (line: string) => void,
): Promise<number> {
  try {
    const options = parse(argv);
    if (typeof options === 'string') {
      print(options);
      return argv.includes('--help') ? 0 : 2;
    }
    const onLetter: RedriveOptions['onLetter'] = (letter, record) =>
      print(
        `${record.partition}/${record.offset}  ${letter.code}  ${letter.lastAtMs > 0 ? new Date(letter.lastAtMs).toISOString() : '-'}  ${letter.reason}`,
      );
    const onRefused: RedriveOptions['onRefused'] = (record, reason) =>
      print(`${record.partition}/${record.offset}  cannot be put back: ${reason}`);
    const { redriven, skipped, repeated, refused } = await redrive(bus, { ...options, onLetter, onRefused });
    const verb = options.dryRun === true ? 'would be put back' : 'put back';
    print(`${redriven} ${verb} on ${options.topic}, ${skipped} left where they are`);
    if (repeated > 0) print(`${repeated} were there more than once`);
    if (refused > 0) print(`${refused} cannot be put back`);
    return refused > 0 ? 1 : 0;
  } catch (error) {
    print(messageOf(error));
    return 1;
  }
}
