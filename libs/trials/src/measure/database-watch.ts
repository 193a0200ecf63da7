import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';

/** A pass over the table costs what is being measured: only when nearly all is stored, or the statistics stand still. */
const NEARLY = 0.97;
const STATISTICS_LATE_MS = 1_500;

/** Looks at a system's PostgreSQL from outside, over one connection of an administrator. */
export class DatabaseWatch {
  private constructor(private readonly client: pg.Client) {}

  static async open(adminUrl: string): Promise<DatabaseWatch> {
    const client = new pg.Client({ connectionString: adminUrl, application_name: 'watch' });
    client.on('error', () => undefined);
    await client.connect();
    return new DatabaseWatch(client);
  }

  close(): Promise<void> {
    return this.client.end();
  }

  async rows<T extends object>(sql: string, values: readonly unknown[] = []): Promise<readonly T[]> {
    return (await this.client.query(sql, [...values])).rows as T[];
  }

  /** Customers' messages that are committed. Exact; a pass over the table. */
  async storedExactly(): Promise<number> {
    return this.number(`SELECT count(*)::float8 AS n FROM tickets.messages WHERE direction = 'inbound'`);
  }

  /** Rows of the messages' table by the statistics, which are up to a second late; costs nothing. */
  private async stored(): Promise<number> {
    await this.client.query('SELECT pg_stat_clear_snapshot()');
    return this.number(
      `SELECT n_tup_ins::float8 AS n FROM pg_stat_user_tables WHERE schemaname = 'tickets' AND relname = 'messages'`,
    );
  }

  /** Of this database, all services together. */
  async commits(): Promise<number> {
    await this.client.query('SELECT pg_stat_clear_snapshot()');
    return this.number(`SELECT xact_commit::float8 AS n FROM pg_stat_database WHERE datname = current_database()`);
  }

  /** Commits that wrote something, by the counter of transaction ids. */
  async writingTransactions(): Promise<number> {
    return this.number(`SELECT pg_snapshot_xmax(pg_current_snapshot())::text::float8 AS n`);
  }

  /** Whether the server keeps the time of each commit (track_commit_timestamp). */
  async remembersCommits(): Promise<boolean> {
    return (await this.rows<{ on: string }>(`SELECT current_setting('track_commit_timestamp') AS on`))[0]?.on === 'on';
  }

  async connections(): Promise<number> {
    return this.number(`SELECT count(*)::float8 AS n FROM pg_stat_activity WHERE datname = current_database()`);
  }

  /** Resolves when `count` messages are stored; rejects when nothing more comes for `patienceMs`. */
  async untilStored(count: number, patienceMs = 20_000): Promise<void> {
    const before = await this.storedExactly();
    const nearlyAll = before + (count - before) * NEARLY;
    let [seen, movedMs] = [before, performance.now()];
    for (;;) {
      const about = await this.stored();
      if (about !== seen) [seen, movedMs] = [about, performance.now()];
      const stillMs = performance.now() - movedMs;
      if (about >= nearlyAll || stillMs > STATISTICS_LATE_MS) {
        const exact = await this.storedExactly();
        if (exact >= count) return;
        if (stillMs > patienceMs) throw new Error(`${exact} of ${count} messages are stored, and no more come`);
      }
      await sleep(200);
    }
  }

  private async number(sql: string): Promise<number> {
    return (await this.rows<{ n: number }>(sql))[0]?.n ?? 0;
  }
}
