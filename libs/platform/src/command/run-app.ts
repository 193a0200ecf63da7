import { topicSpecsOf } from '@fanin/bus';
import type { ChannelFamily } from '@fanin/contracts';
import { createSystemClock, FaninError, messageOf, noMetrics, silentLogger } from '@fanin/kernel';
import type { ChannelEntry } from '../config/channel-entry.js';
import { configSchema } from '../config/config-schema.js';
import type { FaninConfig } from '../config/fanin-config.js';
import { readConfigFile } from '../config/read-config.js';
import { openDatabase } from '../database/open-database.js';
import { PLATFORM_PART } from '../database/platform-part.js';
import { createBus } from '../service/create-bus.js';
import type { ServiceDefinition } from '../service/service.js';
import { startService, type RunningService } from '../service/start-service.js';
import { parseArguments, textOf, type Parsed } from './arguments.js';
import { crashPointsOf } from './crash-points.js';
import { KEYS_HELP, KEYS_OPTIONS, runKeysCommand } from './keys-command.js';
import type { ProcessPort } from './process-port.js';
import { REDRIVE_HELP, REDRIVE_OPTIONS, runRedrive } from './redrive.js';
import { untilStopped } from './until-stopped.js';

export interface AppOptions {
  /** Folder of the app, e.g. `ticket-core`. */
  readonly name: string;
  readonly channels: readonly ChannelEntry[];
  /** Families whose accounts this app runs; none when absent. */
  readonly families?: readonly ChannelFamily[];
  readonly definition: (config: FaninConfig, channels: readonly ChannelEntry[]) => ServiceDefinition;
  readonly process: ProcessPort;
}

/** The entrance of an app: reads the configuration, runs the service or a command, returns the exit code. Never rejects. */
export async function runApp(options: AppOptions): Promise<number> {
  const { print, complain } = options.process;
  try {
    const parsed = parseArguments(options.process.argv, ['config=', 'help', ...REDRIVE_OPTIONS, ...KEYS_OPTIONS]);
    if (parsed.values['help'] === true) {
      print(helpOf(options.name));
      return 0;
    }
    return await dispatch(options, parsed);
  } catch (error) {
    complain(error instanceof FaninError ? error.message : `${options.name} did not start: ${messageOf(error)}`);
    if (!(error instanceof FaninError) && error instanceof Error) complain(error.stack ?? '');
    return 1;
  }
}

async function dispatch(options: AppOptions, parsed: Parsed): Promise<number> {
  const { print } = options.process;
  const [command, action] = parsed.words;
  if (command === 'config' && action === 'schema') {
    print(JSON.stringify(await configSchema(options.channels), null, 2));
    return 0;
  }
  const read = (families: readonly ChannelFamily[] | undefined): Promise<FaninConfig> =>
    readConfig(options, parsed, families);
  if (command === undefined) return serve(options, await read(options.families ?? []));
  if (command === 'config' && action === 'check') {
    const config = await read(undefined);
    print(`The configuration is good: ${config.tenants.length} tenants, ${config.accounts.length} accounts.`);
    return 0;
  }
  const config = await read([]);
  if (command === 'keys') {
    const tenants = config.tenants.map(({ id }) => id);
    await runKeysCommand(parsed, { databaseUrl: config.database.url ?? '', tenants, print });
  } else if (command === 'migrate') await migrate(options, config);
  else if (command === 'topics') await makeTopics(options, config);
  else if (command === 'redrive') await runRedrive(parsed, config, print);
  else throw new FaninError('CONFIG', `There is no command "${command}". --help lists them.`);
  return 0;
}

async function readConfig(
  options: AppOptions,
  { values }: Parsed,
  families: readonly ChannelFamily[] | undefined,
): Promise<FaninConfig> {
  const { env } = options.process;
  const file = textOf(values, 'config') ?? env['FANIN_CONFIG'];
  if (file === undefined || file === '') {
    throw new FaninError(
      'CONFIG',
      'Name the configuration: --config FILE, or FANIN_CONFIG. An example is deploy/fanin.example.yaml.',
    );
  }
  return readConfigFile(file, { channels: options.channels, env, ...(families === undefined ? {} : { families }) });
}

async function serve(options: AppOptions, config: FaninConfig): Promise<number> {
  const crashPoints = crashPointsOf(options.process.env);
  let service: RunningService | undefined;
  return untilStopped(options.process, {
    start: async () => {
      service = await startService(options.definition(config, options.channels), config, {
        name: options.name,
        crashPoints,
      });
      options.process.print(`Fanin ${options.name} is ready: ${service.url}`);
      return service;
    },
    stop: async () => service?.stop(),
  });
}

async function migrate(options: AppOptions, config: FaninConfig): Promise<void> {
  const database = await openDatabase({
    url: config.database.url ?? '',
    parts: [PLATFORM_PART, ...options.definition(config, options.channels).database],
    migrate: 'auto',
    applicationName: `fanin-${options.name}-migrate`,
    clock: createSystemClock(),
    crashPoints: crashPointsOf(options.process.env),
    logger: silentLogger,
  });
  await database.close();
  options.process.print(`The database is up to date for ${options.name}.`);
}

async function makeTopics(options: AppOptions, config: FaninConfig): Promise<void> {
  const bus = await createBus(config, options.name, {
    clock: createSystemClock(),
    logger: silentLogger,
    metrics: noMetrics,
  });
  try {
    const specs = topicSpecsOf(config.bus.topic_prefix);
    await bus.ensureTopics(specs);
    for (const { name, partitions, cleanup } of specs)
      options.process.print(`${name}  ${partitions} partitions  ${cleanup}`);
  } finally {
    await bus.close();
  }
}

function helpOf(name: string): string {
  return `Fanin ${name}

  node dist/apps/${name}/src/main.js [COMMAND] [--config FILE]

Without a command it runs the service until SIGTERM or Ctrl-C.
  --config FILE           the configuration; also FANIN_CONFIG

Commands:
  config check            reads the whole configuration and lists everything that is wrong
  config schema           prints the JSON Schema of the file with the fields of every channel
  migrate                 brings the schemas of this service up to date and ends
  topics                  creates missing topics and ends
${REDRIVE_HELP}
${KEYS_HELP}`;
}
