import { parseArgs } from 'node:util';
import { FaninError, messageOf } from '@fanin/kernel';

export type Arguments = Readonly<Record<string, string | boolean | undefined>>;

export interface Parsed {
  readonly words: readonly string[];
  readonly values: Arguments;
}

/** Options that take a value end in `=`. Throws CONFIG naming what is not known. */
export function parseArguments(argv: readonly string[], options: readonly string[]): Parsed {
  const settings = Object.fromEntries(
    options.map((option) =>
      option.endsWith('=')
        ? [option.slice(0, -1), { type: 'string' as const }]
        : [option, { type: 'boolean' as const }],
    ),
  );
  try {
    const { values, positionals } = parseArgs({
      args: [...argv],
      options: settings,
      allowPositionals: true,
      strict: true,
    });
    return { words: positionals, values: values as Arguments };
  } catch (error) {
    const text = messageOf(error).split('. To specify')[0] ?? '';
    throw new FaninError('CONFIG', `${text}. --help lists the options.`);
  }
}

export function textOf(values: Arguments, name: string): string | undefined {
  const value = values[name];
  return typeof value === 'string' && value !== '' ? value : undefined;
}

export function requiredText(values: Arguments, name: string, example: string): string {
  const value = textOf(values, name);
  if (value === undefined) throw new FaninError('CONFIG', `--${name} is missing, for example --${name} ${example}`);
  return value;
}
