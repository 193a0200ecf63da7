import { resolve } from 'node:path';
import { parseArgs } from 'node:util';

export type ServicesCommand = 'start' | 'stop' | 'status' | 'help';

export interface ServicesOptions {
  readonly command: ServicesCommand;
  /** Absolute. */
  readonly dir: string;
  readonly brokers: 1 | 3;
  readonly kafkaPort: number;
  readonly postgresPort: number;
}

export const DEFAULT_KAFKA_PORT = 9092;
export const DEFAULT_POSTGRES_PORT = 5433;

export const USAGE = `A real Kafka and a PostgreSQL in a folder, for the services of this repository. Nothing is installed system-wide.

  npm run services                     start both (or say that they run)
  npm run services -- --brokers 3      a Kafka of three brokers
  npm run services -- stop             stop both; data stays in the folder
  npm run services -- status           say what runs; exits 1 when something does not

  --dir DIR            folder for data and services.json (default .services)
  --brokers 1|3        number of Kafka brokers (default 1)
  --kafka-port N       port of the first broker, the others follow (default ${DEFAULT_KAFKA_PORT}; 0: any free ones)
  --postgres-port N    (default ${DEFAULT_POSTGRES_PORT}; 0: any free one)

Kafka needs Java 17 or newer and, once, Maven. PostgreSQL comes with npm install.
`;

/** Throws an Error with a sentence for the user when the command line makes no sense. */
export function parseOptions(argv: readonly string[], workingDir: string): ServicesOptions {
  const { values, positionals } = parseArgs({
    args: [...argv],
    allowPositionals: true,
    options: {
      dir: { type: 'string', default: '.services' },
      brokers: { type: 'string', default: '1' },
      'kafka-port': { type: 'string', default: String(DEFAULT_KAFKA_PORT) },
      'postgres-port': { type: 'string', default: String(DEFAULT_POSTGRES_PORT) },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  const [named = 'start', ...more] = positionals;
  if (more.length > 0) throw new Error(`one command at a time, not: ${positionals.join(' ')}`);
  if (named !== 'start' && named !== 'stop' && named !== 'status')
    throw new Error(`unknown command ${named}: start, stop or status`);
  if (values.brokers !== '1' && values.brokers !== '3')
    throw new Error(`--brokers takes 1 or 3, not ${values.brokers}`);
  return {
    command: values.help ? 'help' : named,
    dir: resolve(workingDir, values.dir),
    brokers: values.brokers === '3' ? 3 : 1,
    kafkaPort: portOf('--kafka-port', values['kafka-port']),
    postgresPort: portOf('--postgres-port', values['postgres-port']),
  };
}

function portOf(option: string, text: string): number {
  const port = Number(text);
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    throw new Error(`${option} takes a port between 0 and 65535, not ${text}`);
  return port;
}
