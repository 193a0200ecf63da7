import type { Clock, Logger } from '@fanin/kernel';
import { messageOf } from '@fanin/kernel';
import pg from 'pg';
import type { Database } from './database.js';

export interface Watcher {
  readonly group: string;
  readonly topicIds: readonly number[];
  /** There are records up to `nextOffset` (undefined: there may be more than before). */
  onRecords(topicId: number, partition: number, nextOffset: bigint | undefined): void;
  /** Members came or went. */
  onGroup(): void;
}

interface HeadRow extends pg.QueryResultRow {
  topic_id: number;
  partition: number;
  next_offset: string;
}

/**
 * One connection that hears of new records (NOTIFY) and, because a notification can be lost with its connection, also asks
 * every `pollMs`. That question doubles as the sign of life which finds a half-open connection.
 */
export class Listener {
  private readonly watchers = new Set<Watcher>();
  private readonly stopping = new AbortController();
  private running: Promise<void> | undefined;

  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
    private readonly logger: Logger,
    private readonly pollMs: number,
  ) {}

  add(watcher: Watcher): void {
    this.watchers.add(watcher);
    this.running ??= this.run();
  }

  remove(watcher: Watcher): void {
    this.watchers.delete(watcher);
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    await this.running;
  }

  private async run(): Promise<void> {
    const { signal } = this.stopping;
    for (let failures = 0; !signal.aborted; failures += 1) {
      let client: pg.Client | undefined;
      try {
        client = new pg.Client({ ...this.database.clientConfig(), query_timeout: 5_000 });
        client.on('error', () => undefined);
        await client.connect();
        client.on('notification', (message) => this.hear(message.payload ?? ''));
        await client.query(`LISTEN ${this.database.schema}_log`);
        while (!signal.aborted) {
          await this.poll(client);
          failures = 0;
          await this.clock.sleep(this.pollMs, signal);
        }
      } catch (error) {
        if (!signal.aborted)
          this.logger.warn('lost the connection that tells of new records', { reason: messageOf(error) });
      } finally {
        await client?.end().catch(() => undefined);
      }
      await this.clock.sleep(Math.min(5_000, 100 * 2 ** Math.min(failures, 6)), signal);
    }
  }

  private hear(payload: string): void {
    if (payload.startsWith('group ')) {
      const group = payload.slice('group '.length);
      for (const watcher of this.watchers) if (watcher.group === group) watcher.onGroup();
      return;
    }
    for (const place of payload.split(' ')) {
      const [topicId, partition] = place.split(':').map(Number);
      if (topicId === undefined || partition === undefined) continue;
      for (const watcher of this.watchers) watcher.onRecords(topicId, partition, undefined);
    }
  }

  private async poll(client: pg.Client): Promise<void> {
    const topicIds = [...new Set([...this.watchers].flatMap((watcher) => watcher.topicIds))];
    if (topicIds.length === 0) {
      await client.query('SELECT 1');
      return;
    }
    const sql = `SELECT topic_id, partition, next_offset FROM ${this.database.schema}.partition WHERE topic_id = ANY ($1)`;
    for (const row of (await client.query<HeadRow>(sql, [topicIds])).rows) {
      for (const watcher of this.watchers) watcher.onRecords(row.topic_id, row.partition, BigInt(row.next_offset));
    }
  }
}
