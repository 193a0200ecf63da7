import { resolve } from 'node:path';
import { FaninError } from '@fanin/kernel';
import {
  KEYS_HELP,
  KEYS_OPTIONS,
  parseArguments,
  REDRIVE_HELP,
  REDRIVE_OPTIONS,
  textOf,
  type Parsed,
} from '@fanin/platform';

export interface StandaloneOptions {
  readonly data: string;
  readonly httpPort: number | undefined;
  readonly smtpPort: number | undefined;
  readonly config: string | undefined;
  readonly demo: boolean;
  readonly help: boolean;
  /** For `keys …` and `config …`. */
  readonly parsed: Parsed;
}

export const HELP = `Fanin: everything in one process

  npm start -- [OPTIONS]

  --data DIR         where everything is kept (default .fanin)
  --http-port N      API, pages, widget (default 8080)
  --smtp-port N      takes mail (default 2525)
  --config FILE      configuration instead of the built-in one; see deploy/fanin.example.yaml
  --no-demo          without the sample hour of a shop in the tenant "demo"
  --help             this text

Each option also as an environment variable: FANIN_DATA, FANIN_HTTP_PORT, FANIN_SMTP_PORT, FANIN_CONFIG, FANIN_NO_DEMO=1.
It listens on 127.0.0.1 only, unless the configuration says otherwise.

Commands (npm start -- COMMAND, with the same --data or --config):
  config check       reads the configuration and lists everything that is wrong
  config schema      prints the JSON Schema of the file with the fields of every channel
${REDRIVE_HELP}
${KEYS_HELP}`;

type Environment = Readonly<Record<string, string | undefined>>;

/** The command line, then the environment, then the defaults. Throws CONFIG for what cannot be understood. */
export function readOptions(argv: readonly string[], env: Environment): StandaloneOptions {
  const known = [
    'data=',
    'http-port=',
    'smtp-port=',
    'config=',
    'no-demo',
    'help',
    ...REDRIVE_OPTIONS,
    ...KEYS_OPTIONS,
  ];
  const parsed = parseArguments(argv, known);
  const given = (name: string): string | undefined => {
    const fromEnvironment = env[`FANIN_${name.replaceAll('-', '_').toUpperCase()}`];
    return textOf(parsed.values, name) ?? (fromEnvironment === '' ? undefined : fromEnvironment);
  };
  return {
    data: resolve(given('data') ?? '.fanin'),
    httpPort: portOf('http-port', given('http-port')),
    smtpPort: portOf('smtp-port', given('smtp-port')),
    config: given('config'),
    demo: parsed.values['no-demo'] !== true && !isYes(env['FANIN_NO_DEMO']),
    help: parsed.values['help'] === true,
    parsed,
  };
}

function portOf(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const port = Number(text);
  if (/^\d+$/.test(text) && port <= 65_535) return port;
  throw new FaninError(
    'CONFIG',
    `--${name} ${text} is no port: a number from 0 (any free one) to 65535, for example --${name} 8081`,
  );
}

function isYes(text: string | undefined): boolean {
  return text !== undefined && ['1', 'true', 'yes'].includes(text.toLowerCase());
}
