import { stat } from 'node:fs/promises';
import { startEmbeddedPostgres } from '@fanin/embedded-postgres';
import { createSystemClock, type CrashPoints } from '@fanin/kernel';
import {
  crashPointsOf,
  prepareServiceRole,
  SCOPES,
  startService,
  type ChannelEntry,
  type FaninConfig,
  type RunningService,
} from '@fanin/platform';
import { openDataFolder, writePrivately, type DataFolder } from './data-folder.js';
import { requireFreePort } from './free-port.js';
import type { StandaloneOptions } from './options.js';
import { allServices } from './services.js';
import { startDemoVendors, type DemoVendors } from './demo/demo-vendors.js';
import { playDemo } from './demo/play-demo.js';
import { readStandaloneConfig } from './standalone-config.js';

export interface RunningStandalone {
  readonly url: string;
  readonly config: FaninConfig;
  readonly folder: DataFolder;
  readonly service: RunningService;
  /** Rejects when a consumer or the database server died. */
  readonly failed: Promise<never>;
  /** Plays the sample hour if this data folder has not seen it. Never rejects. */
  play(print: (line: string) => void): Promise<void>;
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
  const clock = createSystemClock();
  const crashPoints = crashPointsOf(env);
  const folder = await openDataFolder(options.data);
  // A wrong configuration should show before a database has been started for it.
  await readStandaloneConfig(options, { folder, channels, env, databaseUrl: 'postgres://not.yet/started' });
  progress('Starting PostgreSQL …');
  let died: (reason: Error) => void = () => undefined;
  const serverDied = new Promise<never>((_, reject) => (died = reject));
  serverDied.catch(() => undefined);
  // A configuration of one's own has no demo tenant.
  const withDemo = options.demo && options.config === undefined;
  let vendors: DemoVendors | undefined;
  const server = await startEmbeddedPostgres({
    dataDir: folder.postgres,
    crashPoints,
    onExit: (reason) => died(new Error(`PostgreSQL is gone: ${reason}. See the log in ${folder.postgres}.`)),
  });
  try {
    crashPoints.at('start.database');
    const databaseUrl = await prepareServiceRole(server.url);
    await writePrivately(folder.databaseUrlFile, databaseUrl);
    if (withDemo) vendors = await startDemoVendors(options.data);
    const vendorAccounts = vendors?.accounts ?? [];
    const config = await readStandaloneConfig(options, { folder, channels, env, databaseUrl, vendorAccounts });
    await requireFreePort(config.smtp.host, config.smtp.port, 'SMTP port', '--smtp-port N, smtp.port');
    progress('Starting the services …');
    const service = await startService(allServices(config, channels), config, { name: 'standalone', crashPoints });
    await writeFirstKey(folder, service, config, crashPoints);
    const failed = Promise.race([service.failed, serverDied]);
    failed.catch(() => undefined);
    const ending = new AbortController();
    const demo = { url: service.url, smtpPort: config.smtp.port, keys: service.keys, clock, dataFolder: options.data };
    const play = async (print: (line: string) => void): Promise<void> => {
      if (vendors !== undefined) await playDemo({ ...demo, vendors, signal: ending.signal, print });
    };
    const stop = async (): Promise<void> => {
      ending.abort();
      await service.stop(SERVICE_DEADLINE_MS);
      await vendors?.close();
      await server.stop();
    };
    return { url: service.url, config, folder, service, failed, play, stop };
  } catch (error) {
    await vendors?.close();
    await server.stop();
    throw error;
  }
}

/** Once: a key that was revoked must not come back with the next start. */
async function writeFirstKey(
  folder: DataFolder,
  service: RunningService,
  config: FaninConfig,
  crashPoints: CrashPoints,
): Promise<void> {
  const tenant = (config.tenants.find(({ id }) => id === 'default') ?? config.tenants[0])?.id;
  if (tenant === undefined || (await stat(folder.apiKeyFile).catch(() => undefined)) !== undefined) return;
  const { key } = await service.keys.create({ tenant, scopes: SCOPES, name: 'Support' });
  crashPoints.at('start.first-key');
  await writePrivately(folder.apiKeyFile, key);
}
