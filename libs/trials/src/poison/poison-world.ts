import { rm } from 'node:fs/promises';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Bus, BusRecord } from '@fanin/bus';
import { createKafkaBus } from '@fanin/bus-kafka';
import { createPostgresBus } from '@fanin/bus-postgres';
import { CONTRACTS, createCodec, topicName, TOPICS, type InboundMessageV1 } from '@fanin/contracts';
import { createSystemClock, FaninError, noMetrics, silentLogger } from '@fanin/kernel';
import { prepareServiceRole, readConfigValue, startService, type RunningService } from '@fanin/platform';
import { ticketCoreService } from '@fanin/tickets';
import pg from 'pg';
import { SQL_REFUSES, THROWS } from './poison-kinds.js';
import { TamperingModule, type Tampering } from './tampering.js';

export interface WorldOptions {
  /** Of a superuser: an empty database. */
  readonly databaseUrl: string;
  /** Over Kafka when there are any, else over the log in PostgreSQL. */
  readonly brokers?: readonly string[];
  /** A safeguard that is taken away, to see that the verdict shows it. */
  readonly without?: 'dead letters' | 'isolation' | 'stable ids';
}

/** A ticket core as it ships over a real log and a real PostgreSQL, and the connector's end of the log. */
export interface PoisonWorld {
  readonly bus: Bus;
  readonly prefix: string;
  readonly pool: pg.Pool;
  /** When each message was committed (monotonic ms), by provider message id. */
  readonly committedAt: Map<string, number>;
  /** From now on nothing throws, nothing refuses, and what could not be read is read as given here, by CloudEvents id. */
  mend(good: ReadonlyMap<string, BusRecord['value']>): Promise<void>;
  close(): Promise<void>;
}

const TRAP = `
CREATE FUNCTION tickets.trial_trap() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.text LIKE '%${SQL_REFUSES}' THEN RAISE EXCEPTION 'a rule that one row breaks' USING ERRCODE = '23514'; END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER trial_trap BEFORE INSERT ON tickets.messages FOR EACH ROW EXECUTE FUNCTION tickets.trial_trap();`;

export async function openPoisonWorld(options: WorldOptions): Promise<PoisonWorld> {
  const url = await prepareServiceRole(options.databaseUrl);
  const prefix = `poison-${Date.now().toString(36)}`;
  const folder = await mkdtemp(join(tmpdir(), 'fanin-poison-'));
  const tampering = new Tamperer(options.without);
  const service = await startTicketCore(url, prefix, folder, options, tampering);
  const bus = openBus(url, options);
  const pool = new pg.Pool({ connectionString: options.databaseUrl, max: 2 });
  pool.on('error', () => undefined);
  await pool.query(TRAP);
  return {
    bus,
    prefix,
    pool,
    committedAt: tampering.committedAt,
    async mend(good) {
      await pool.query('DROP TRIGGER trial_trap ON tickets.messages');
      tampering.good = good;
    },
    async close() {
      await service.stop(5_000);
      await bus.close();
      await pool.end();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

class Tamperer implements Tampering {
  readonly committedAt = new Map<string, number>();
  /** Set once the program is mended. */
  good: ReadonlyMap<string, BusRecord['value']> | undefined;
  private readonly codec = createCodec(CONTRACTS.inboundMessage);

  constructor(private readonly without: WorldOptions['without']) {}

  beforeHandling(messages: readonly InboundMessageV1[]): void {
    if (this.good !== undefined) return;
    if (!messages.some(({ text }) => text.endsWith(THROWS))) return;
    if (this.without === 'isolation')
      throw new FaninError('TRANSIENT', 'a bug that is taken for trouble of the database');
    (undefined as unknown as { explode(): void }).explode();
  }

  afterHandling(messages: readonly InboundMessageV1[]): void {
    const at = performance.now();
    for (const { provider_message_id: id } of messages) if (!this.committedAt.has(id)) this.committedAt.set(id, at);
  }

  seen(record: BusRecord): BusRecord {
    const value = this.good?.get(record.headers['ce_id'] ?? '');
    if (value === undefined) return record;
    return { ...record, value, headers: { ...record.headers, ce_type: CONTRACTS.inboundMessage.type } };
  }

  mayPublish(topic: string): boolean {
    return !(this.without === 'dead letters' && topic.endsWith('.dlq'));
  }
}

async function startTicketCore(
  url: string,
  prefix: string,
  folder: string,
  { brokers }: WorldOptions,
  tampering: Tampering,
): Promise<RunningService> {
  const kafka =
    brokers === undefined ? {} : { engine: 'kafka', kafka: { brokers: [...brokers] }, replication_factor: 1 };
  const config = await readConfigValue(
    {
      tenants: [
        { id: 'trial', name: 'Trial' },
        { id: 'thief', name: 'Thief' },
      ],
      database: { url },
      bus: { topic_prefix: prefix, ...kafka },
      storage: { folder },
      http: { port: 0 },
      auth: { session_secret: 's'.repeat(40), operator_token: 'operator-token-of-a-trial-0123' },
    },
    'trial',
    { channels: [], env: {} },
  );
  const definition = {
    ...ticketCoreService,
    modules: [...ticketCoreService.modules, TamperingModule.with(tampering)],
  };
  return startService(definition, config, { logger: silentLogger });
}

function openBus(url: string, { brokers }: WorldOptions): Bus {
  const deps = { clock: createSystemClock(), logger: silentLogger, metrics: noMetrics };
  if (brokers === undefined) return createPostgresBus({ url, ...deps });
  return createKafkaBus({ brokers, clientId: 'poison-trial', deps });
}

export const MESSAGES_GROUP = 'ticket-core.messages';

export function messagesTopic(prefix: string): string {
  return topicName(TOPICS.inboundMessages, prefix);
}
