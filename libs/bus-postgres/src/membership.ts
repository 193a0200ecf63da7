import type pg from 'pg';
import type { Database } from './database.js';

/** A partition that is ours: until the epoch changes. */
export interface Claim {
  readonly topicId: number;
  readonly partition: number;
  readonly epoch: string;
  /** Next offset of the group; null while it never committed. */
  readonly position: bigint | null;
}

export interface BeatAnswer {
  readonly claims: readonly Claim[];
  /** Fair share by topic: what is held beyond it is to be given back. */
  readonly quotas: ReadonlyMap<number, number>;
}

interface ClaimRow extends pg.QueryResultRow {
  topic_id: number;
  partition: number;
  epoch: string;
  position: string | null;
  quota: number;
}

/** One member of a group, as the database knows it. */
export class Membership {
  constructor(
    private readonly database: Database,
    private readonly group: string,
    private readonly memberId: string,
    private readonly topicIds: readonly number[],
    private readonly sessionMs: number,
    private readonly fromLatest: boolean,
  ) {}

  async beat(first: boolean): Promise<BeatAnswer> {
    const sql = `SELECT topic_id, partition, epoch, "position", quota FROM ${this.database.schema}.beat($1, $2, $3, $4, $5, $6)`;
    const { rows } = await this.database.query<ClaimRow>(sql, [
      this.group,
      this.memberId,
      this.topicIds,
      this.sessionMs,
      this.fromLatest,
      first,
    ]);
    return {
      claims: rows.map((row) => ({
        topicId: row.topic_id,
        partition: row.partition,
        epoch: row.epoch,
        position: row.position === null ? null : BigInt(row.position),
      })),
      quotas: new Map(rows.map((row) => [row.topic_id, row.quota])),
    };
  }

  /**
   * Moves the group's position; false when the partition is no longer ours. Not waited to disk: after a power cut the group
   * reads a little again, as after any crash.
   */
  async commit(claim: Claim, position: bigint): Promise<boolean> {
    const { schema } = this.database;
    const sql = `
      UPDATE ${schema}.claim SET position = $5, holder = holder
      FROM (SELECT set_config('synchronous_commit', 'off', true)) AS quick
      WHERE group_name = $1 AND topic_id = $2 AND partition = $3 AND epoch = $4 AND holder = $6`;
    const values = [this.group, claim.topicId, claim.partition, claim.epoch, String(position), this.memberId];
    return (await this.database.query(sql, values)).rowCount === 1;
  }

  /** Gives partitions back, and tells the other members so that they take them at once. */
  async release(claims: readonly Claim[]): Promise<void> {
    const { schema } = this.database;
    const sql = `
      WITH freed AS (
        UPDATE ${schema}.claim SET holder = NULL
        WHERE group_name = $1 AND holder = $2 AND (topic_id, partition) IN (SELECT * FROM unnest($3::int[], $4::int[]))
        RETURNING 1)
      SELECT pg_notify('${schema}_log', $5) FROM (SELECT count(*) FROM freed) AS done`;
    const values = [
      this.group,
      this.memberId,
      claims.map((claim) => claim.topicId),
      claims.map((claim) => claim.partition),
      `group ${this.group}`,
    ];
    await this.database.query(sql, values);
  }

  async leave(): Promise<void> {
    const { schema } = this.database;
    const sql = `
      WITH gone AS (DELETE FROM ${schema}.member WHERE group_name = $1 AND member_id = $2),
        freed AS (UPDATE ${schema}.claim SET holder = NULL WHERE group_name = $1 AND holder = $2 RETURNING 1)
      SELECT pg_notify('${schema}_log', $3) FROM (SELECT count(*) FROM freed) AS done`;
    await this.database.query(sql, [this.group, this.memberId, `group ${this.group}`]);
  }
}
