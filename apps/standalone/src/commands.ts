import { readFile } from 'node:fs/promises';
import { FaninError } from '@fanin/kernel';
import { configSchema, runKeysCommand, runRedrive, type ChannelEntry, type ProcessPort } from '@fanin/platform';
import { openDataFolder } from './data-folder.js';
import type { StandaloneOptions } from './options.js';
import { readStandaloneConfig } from './standalone-config.js';

/** `keys …` and `config …`: what can be done beside a running Fanin or without one. */
export async function runCommand(
  options: StandaloneOptions,
  port: ProcessPort,
  channels: readonly ChannelEntry[],
): Promise<void> {
  const [command, action] = options.parsed.words;
  if (command === 'config' && action === 'schema') {
    port.print(JSON.stringify(await configSchema(channels), null, 2));
    return;
  }
  const folder = await openDataFolder(options.data);
  const read = (databaseUrl: string) => readStandaloneConfig(options, { folder, channels, env: port.env, databaseUrl });
  if (command === 'config' && action === 'check') {
    const config = await read('postgres://not.yet/started');
    port.print(`The configuration is good: ${config.tenants.length} tenants, ${config.accounts.length} accounts.`);
  } else if (command === 'keys') {
    const { database, tenants } = await read(await runningDatabase(options, folder.databaseUrlFile));
    await runKeysCommand(options.parsed, {
      databaseUrl: database.url ?? '',
      tenants: tenants.map(({ id }) => id),
      print: port.print,
    });
  } else if (command === 'redrive') {
    await runRedrive(options.parsed, await read(await runningDatabase(options, folder.databaseUrlFile)), port.print);
  } else {
    throw new FaninError('CONFIG', `There is no command "${command ?? ''}". --help lists them.`);
  }
}

async function runningDatabase({ data }: StandaloneOptions, file: string): Promise<string> {
  const url = await readFile(file, 'utf8').catch(() => undefined);
  if (url !== undefined) return url.trim();
  throw new FaninError(
    'CONFIG',
    `Fanin has not run on ${data} yet. Start it first (npm start), then run the command beside it.`,
  );
}
