import { stat } from 'node:fs/promises';
import { startEmbeddedPostgres, type EmbeddedPostgres } from '@fanin/embedded-postgres';
import {
  prepareServiceRole,
  SCOPES,
  startService,
  type ChannelEntry,
  type FaninConfig,
  type RunningService,
} from '@fanin/platform';
import { openDataFolder, writePrivately, type DataFolder } from './data-folder.js';
import type { StandaloneOptions } from './options.js';
import { allServices } from './services.js';
import { readStandaloneConfig } from './standalone-config.js';

export interface RunningStandalone {
  readonly url: string;
  readonly config: FaninConfig;
  readonly folder: DataFolder;
  readonly service: RunningService;
  /** Rejects when a consumer or the database server died. */
  readonly failed: Promise<never>;
  stop(): Promise<void>;
}

export interface StandaloneSurroundings {
  readonly channels: readonly ChannelEntry[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly progress: (line: string) => void;
}

/** Long enough to finish what is in work, short enough that all of it stays below ten seconds. */
const SERVICE_DEADLINE_MS = 6_500;

/** Embedded PostgreSQL, then every service over it. What was started before a failure is stopped again. */
export async function startStandalone(
  options: StandaloneOptions,
  surroundings: StandaloneSurroundings,
): Promise<RunningStandalone> {
  const { channels, env, progress } = surroundings;
  const folder = await openDataFolder(options.data);
  // A wrong configuration should show before a database has been started for it.
  await readStandaloneConfig(options, { folder, channels, env, databaseUrl: 'postgres://not.yet/started' });
  progress('Starting PostgreSQL …');
  let died: (reason: Error) => void = () => undefined;
  const serverDied = new Promise<never>((_, reject) => (died = reject));
  serverDied.catch(() => undefined);
  const server = await startEmbeddedPostgres({
    dataDir: folder.postgres,
    onExit: (reason) => died(new Error(`PostgreSQL is gone: ${reason}. See the log in ${folder.postgres}.`)),
  });
  try {
    const databaseUrl = await prepareServiceRole(server.url);
    await writePrivately(folder.databaseUrlFile, databaseUrl);
    const config = await readStandaloneConfig(options, { folder, channels, env, databaseUrl });
    progress('Starting the services …');
    const service = await startService(allServices(config, channels), config, { name: 'standalone' });
    await writeFirstKey(folder, service, config);
    const failed = Promise.race([service.failed, serverDied]);
    failed.catch(() => undefined);
    return { url: service.url, config, folder, service, failed, stop: () => stopAll(service, server) };
  } catch (error) {
    await server.stop();
    throw error;
  }
}

async function stopAll(service: RunningService, server: EmbeddedPostgres): Promise<void> {
  await service.stop(SERVICE_DEADLINE_MS);
  await server.stop();
}

/** Once: a key that was revoked must not come back with the next start. */
async function writeFirstKey(folder: DataFolder, service: RunningService, config: FaninConfig): Promise<void> {
  const tenant = (config.tenants.find(({ id }) => id === 'default') ?? config.tenants[0])?.id;
  if (tenant === undefined || (await stat(folder.apiKeyFile).catch(() => undefined)) !== undefined) return;
  const { key } = await service.keys.create({ tenant, scopes: SCOPES, name: 'first start' });
  await writePrivately(folder.apiKeyFile, key);
}
