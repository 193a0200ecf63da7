import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startKafka, type KafkaCluster } from '@fanin/dev-kafka';
import { smallDisk, type SmallDisk, type TcpProxy } from '@fanin/test-kit';
import { startOverKafka } from '../system/cluster-system.js';
import { startDatabaseServer } from '../system/database-server.js';
import { startEmbedded } from '../system/embedded-system.js';
import { PARTS } from '../system/system.js';
import type { Form, Stage } from './case.js';

export interface StageOptions {
  readonly form: Form;
  readonly brokers: 1 | 3;
  /** A Kafka that is there already; who gives it stops it. */
  readonly kafka?: KafkaCluster;
  /** Slugs; default all. */
  readonly channels?: readonly string[];
  /** The object store on a disk of its own that can be made full. */
  readonly smallDisk?: boolean;
}

/** Meta goes on for ten minutes: longer than anything here is away. */
const META_RETRY_SCALE = 0.005;

const DISK_BYTES = 256 * 1024 * 1024;

/** Starts everything a case may break. */
export async function startStage(options: StageOptions): Promise<Stage> {
  const disk = options.smallDisk === true ? await smallDisk(DISK_BYTES) : undefined;
  try {
    const stage = await (options.form === 'cluster' ? clusterStage(options, disk) : standaloneStage(options, disk));
    return { ...stage, disk, stop: () => stage.stop().finally(() => disk?.remove()) };
  } catch (error) {
    await disk?.remove();
    throw error;
  }
}

const onDisk = (disk: SmallDisk | undefined): { config?: Record<string, object> } =>
  disk === undefined ? {} : { config: { storage: { folder: disk.path } } };

type StageAbove = Omit<Stage, 'disk'>;

async function clusterStage(
  { brokers, kafka: given, channels }: StageOptions,
  disk: SmallDisk | undefined,
): Promise<StageAbove> {
  const closing: (() => Promise<unknown>)[] = [];
  const stop = async (): Promise<void> => {
    for (const close of closing.splice(0).reverse()) await close().catch(() => undefined);
  };
  try {
    const kafka = given ?? (await startKafka({ brokers }));
    if (given === undefined) closing.push(() => kafka.stop());
    const database = await startDatabaseServer();
    closing.push(() => database.stop());
    let imapLine: TcpProxy | undefined;
    const cluster = await startOverKafka(kafka.brokers, {
      replicationFactor: brokers,
      databaseUrl: database.url,
      topicPrefix: `faults-${process.pid}-${Math.floor(performance.now())}`,
      metaRetryScale: META_RETRY_SCALE,
      onImapLine: (line) => (imapLine = line),
      ...onDisk(disk),
      ...(channels === undefined ? {} : { channels }),
    });
    closing.push(() => cluster.stop());
    return {
      form: 'cluster',
      system: cluster,
      cluster,
      embedded: undefined,
      kafka,
      database,
      imapLine,
      parts: PARTS,
      saveLogs: (folder) => cpSync(cluster.logFolder, folder, { recursive: true }),
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function standaloneStage({ channels }: StageOptions, disk: SmallDisk | undefined): Promise<StageAbove> {
  let imapLine: TcpProxy | undefined;
  const embedded = await startEmbedded({
    metaRetryScale: META_RETRY_SCALE,
    onImapLine: (line) => (imapLine = line),
    ...onDisk(disk),
    ...(channels === undefined ? {} : { channels }),
  });
  return {
    form: 'standalone',
    system: embedded,
    cluster: undefined,
    embedded,
    kafka: undefined,
    database: undefined,
    imapLine,
    parts: ['ticket-core'],
    saveLogs: (folder) => {
      mkdirSync(folder, { recursive: true });
      writeFileSync(join(folder, 'standalone.log'), embedded.written());
    },
    stop: () => embedded.stop(),
  };
}
