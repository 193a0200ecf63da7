import { join } from 'node:path';
import { startEmbeddedPostgres } from '@fanin/embedded-postgres';
import { temporaryFolder } from '@fanin/test-kit';
import { startOverKafka, type ClusterSystem } from '../system/cluster-system.js';
import { startEmbedded } from '../system/embedded-system.js';
import { PARTS, type SystemOptions, type SystemUnderTest } from '../system/system.js';
import { DatabaseWatch } from './database-watch.js';
import { costOf, listenerOf, type ProcessCost } from './process-cost.js';

/** A running system whose processes are known, to be measured from outside. */
export interface MeasuredSystem {
  readonly system: SystemUnderTest;
  readonly watch: DatabaseWatch;
  /** By name: our services, `postgres`, `kafka`. The load generator and this process are not among them. */
  costs(): Readonly<Record<string, ProcessCost>>;
  stop(): Promise<void>;
}

/**
 * For what judges memory: the heap that Node chooses by itself where 512 MiB are all there is, as in a container of that limit.
 * Where it sees a whole machine's memory it lets some hundred megabytes of what is dead lie about.
 */
export const AS_IN_A_CONTAINER = { NODE_OPTIONS: '--max-old-space-size=256' };

/** Waits for the disk at every commit, and remembers when each was. */
const DATABASE_SETTINGS = { track_commit_timestamp: 'on', max_connections: '200' };

/** A load comes from one address, in a hurry. */
export const UNTHROTTLED: Readonly<Record<string, object>> = {
  'chat-web': {
    messages_per_second: 1_000,
    message_burst: 1_000,
    ip_messages_per_second: 100_000,
    connections_per_ip: 10_000,
    new_visitors_per_ip_per_minute: 100_000,
  },
};

/** Every service a process of its own, over a Kafka that is there and a PostgreSQL started for it. */
export async function measureOverKafka(
  brokers: readonly string[],
  options: SystemOptions = {},
): Promise<MeasuredSystem> {
  const folder = await temporaryFolder('fanin-measured-');
  const database = await startEmbeddedPostgres({ dataDir: join(folder.path, 'data'), settings: DATABASE_SETTINGS });
  const end = (): void => void process.kill(database.pid, 'SIGQUIT');
  process.once('exit', end);
  const release = async (): Promise<void> => {
    process.removeListener('exit', end);
    await database.stop();
    await folder.remove();
  };
  const topicPrefix = `m-${process.pid}-${Date.now() % 100_000}`;
  try {
    const system = await startOverKafka(brokers, {
      accountConfig: UNTHROTTLED,
      ...options,
      databaseUrl: database.url,
      topicPrefix,
    });
    const kafka = brokers.map((broker) => listenerOf(Number(broker.split(':').at(-1))));
    const watch = await DatabaseWatch.open(database.url);
    return {
      system,
      watch,
      costs: () => ({ ...serviceCosts(system), postgres: costOf(database.pid), kafka: sum(kafka.map(costOfKnown)) }),
      stop: async () => {
        await watch.close();
        await system.stop();
        await release();
      },
    };
  } catch (error) {
    await release();
    throw error;
  }
}

/** `npm start`: one process and the PostgreSQL that it starts. */
export async function measureEmbedded(options: SystemOptions = {}): Promise<MeasuredSystem> {
  const system = await startEmbedded({ accountConfig: UNTHROTTLED, ...options });
  const watch = await DatabaseWatch.open(system.adminUrl);
  return {
    system,
    watch,
    costs: () => {
      const postgres = costOf(listenerOf(Number(new URL(system.databaseUrl).port)) ?? 0);
      const all = costOf(system.program().child.pid ?? 0);
      const only = (key: keyof ProcessCost): number => all[key] - postgres[key];
      return { standalone: { cpuMs: only('cpuMs'), rssBytes: only('rssBytes'), handles: only('handles') }, postgres };
    },
    stop: async () => {
      await watch.close();
      await system.stop();
    },
  };
}

function serviceCosts(system: ClusterSystem): Record<string, ProcessCost> {
  return Object.fromEntries(PARTS.map((part) => [part, costOf(system.process(part).pid ?? 0)]));
}

function costOfKnown(pid: number | undefined): ProcessCost {
  return pid === undefined ? NOTHING : costOf(pid);
}

const NOTHING: ProcessCost = { cpuMs: 0, rssBytes: 0, handles: 0 };

function sum(costs: readonly ProcessCost[]): ProcessCost {
  return costs.reduce(
    (all, one) => ({
      cpuMs: all.cpuMs + one.cpuMs,
      rssBytes: all.rssBytes + one.rssBytes,
      handles: all.handles + one.handles,
    }),
    NOTHING,
  );
}
