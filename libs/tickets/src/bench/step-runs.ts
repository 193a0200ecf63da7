import type { InboundMessageV1 } from '@fanin/contracts';
import { createSystemClock, silentLogger } from '@fanin/kernel';
import { createOutbox, openDatabase, PLATFORM_PART, prepareServiceRole, type Database } from '@fanin/platform';
import { cpuWithDatabase, type Figure, median } from '@fanin/test-kit';
import pg from 'pg';
import { createPublishing, type Publishing } from '../events/publishing.js';
import { createIntake, type Intake } from '../intake/intake.js';
import { TICKETS_PART } from '../schema/tickets-part.js';

export interface Rate {
  readonly perSecond: number;
  /** Of this process and the database together; NaN where the database's cannot be read. */
  readonly perCpuSecond: number;
}

const TABLES = [
  'customers',
  'identities',
  'conversations',
  'message_references',
  'ticket_counters',
  'tickets',
  'messages',
  'search_queue',
];

/** The batch step over a database of its own, on as many connections as there are lanes. */
export class StepRuns {
  readonly publishing: Publishing = createPublishing(createOutbox('ticket-core'));
  readonly intake: Intake;

  private constructor(
    readonly database: Database,
    private readonly cpu: () => number,
  ) {
    this.intake = createIntake({ database, publishing: this.publishing, clock: createSystemClock() });
  }

  /** `databaseUrl`: an administrator's address, or that of a plain owner. Row-level security must bind the step. */
  static async open(databaseUrl: string, connections: number, role = 'fanin_service'): Promise<StepRuns> {
    const database = await openDatabase({
      url: await boundRoleUrl(databaseUrl, role),
      parts: [PLATFORM_PART, TICKETS_PART],
      clock: createSystemClock(),
      logger: silentLogger,
      poolSize: connections,
    });
    return new StepRuns(database, await cpuWithDatabase(databaseUrl));
  }

  async empty(): Promise<void> {
    const tables = TABLES.map((table) => `tickets.${table}`).join(', ');
    await this.database.pool.query(`TRUNCATE platform.outbox, ${tables}`);
  }

  /** The lanes side by side, the batches of a lane one after another. */
  step(lanes: readonly (readonly InboundMessageV1[])[], batchSize: number): Promise<Rate> {
    const messages = lanes.reduce((sum, lane) => sum + lane.length, 0);
    return this.measure(messages, () =>
      sideBySide(lanes, async (lane) => {
        for (let at = 0; at < lane.length; at += batchSize)
          await this.intake.handleBatch(lane.slice(at, at + batchSize));
      }),
    );
  }

  async measure(messages: number, work: () => Promise<void>): Promise<Rate> {
    const [started, before] = [performance.now(), this.cpu()];
    await work();
    const seconds = (performance.now() - started) / 1_000;
    return { perSecond: messages / seconds, perCpuSecond: messages / (this.cpu() - before) };
  }

  close(): Promise<void> {
    return this.database.close();
  }
}

export async function sideBySide<T>(lanes: readonly T[], work: (lane: T) => Promise<void>): Promise<void> {
  await Promise.all(lanes.map(work));
}

/** Medians over the rounds; the ratio is that of the rounds, each of which met one and the same moment of the machine. */
export function figureOf(rounds: readonly { readonly ours: Rate; readonly bare: Rate }[], where: string): Figure {
  const of = (pick: (round: { readonly ours: Rate; readonly bare: Rate }) => number): number =>
    Math.round(median(rounds.map(pick)) * 100) / 100;
  const cpu = Number.isNaN(of(({ ours }) => ours.perCpuSecond))
    ? ''
    : `; messages per CPU-second of this process and the database: ${Math.round(of(({ ours }) => ours.perCpuSecond))}, limit ${Math.round(of(({ bare }) => bare.perCpuSecond))}`;
  return {
    value: Math.round(of(({ ours }) => ours.perSecond)),
    limit: Math.round(of(({ bare }) => bare.perSecond)),
    ratio: of(({ ours, bare }) => ours.perSecond / bare.perSecond),
    unit: `messages/s; ${where}${cpu}`,
  };
}

async function boundRoleUrl(databaseUrl: string, role: string): Promise<string> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    const { rows } = await client.query<{ unbound: boolean }>(
      'SELECT rolsuper OR rolbypassrls AS unbound FROM pg_roles WHERE rolname = current_user',
    );
    return rows[0]?.unbound === true ? await prepareServiceRole(databaseUrl, role) : databaseUrl;
  } finally {
    await client.end();
  }
}
