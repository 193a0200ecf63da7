import type { PartitionPosition } from '@fanin/bus';
import { FaninError } from '@fanin/kernel';
import type { Topic } from './catalog.js';
import type { Database } from './database.js';
import { offsetAtTime } from './fetch.js';

interface PositionRow {
  partition: number;
  next_offset: string;
  earliest: string | null;
  position: string | null;
}

export async function positionsOf(
  database: Database,
  topic: Topic,
  group: string,
): Promise<readonly PartitionPosition[]> {
  const { schema } = database;
  const sql = `
    SELECT p.partition, p.next_offset, c.position,
      (SELECT l."offset" FROM ${schema}.log_${topic.id} l
        WHERE l.topic_id = p.topic_id AND l.partition = p.partition ORDER BY l."offset" LIMIT 1) AS earliest
    FROM ${schema}.partition p
    LEFT JOIN ${schema}.claim c ON c.group_name = $2 AND c.topic_id = p.topic_id AND c.partition = p.partition
    WHERE p.topic_id = $1 ORDER BY p.partition`;
  const { rows } = await database.query<PositionRow>(sql, [topic.id, group]);
  return rows.map((row) => ({
    topic: topic.name,
    partition: row.partition,
    earliest: BigInt(row.earliest ?? row.next_offset),
    end: BigInt(row.next_offset),
    committed: row.position === null ? null : BigInt(row.position),
  }));
}

export type SeekTarget = { readonly offset: bigint; readonly partition: number } | { readonly timeMs: number };

/** Moves a group that has no live member. A member that died without leaving counts as live until its lease ran out. */
export async function seekGroup(database: Database, topic: Topic, group: string, target: SeekTarget): Promise<void> {
  const { schema } = database;
  const moves: { partition: number; offset: bigint }[] = [];
  if ('timeMs' in target) {
    for (const at of await positionsOf(database, topic, group)) {
      moves.push({
        partition: at.partition,
        offset: (await offsetAtTime(database, topic, at.partition, target.timeMs)) ?? at.end,
      });
    }
  } else {
    if (target.partition < 0 || target.partition >= topic.partitions)
      throw new FaninError('CONFIG', `topic ${topic.name} has no partition ${target.partition}`);
    moves.push(target);
  }
  await database.transaction(async (client) => {
    await client.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [`${schema}.group.${group}`]);
    const alive = await client.query(
      `SELECT 1 FROM ${schema}.member WHERE group_name = $1 AND expires_at > clock_timestamp() LIMIT 1`,
      [group],
    );
    if (alive.rowCount !== 0)
      throw new FaninError('CONFIG', `group ${group} has live members: stop them before its position is moved`);
    for (const { partition, offset } of moves) {
      await client.query(
        `INSERT INTO ${schema}.claim (group_name, topic_id, partition, position) VALUES ($1, $2, $3, $4)
         ON CONFLICT (group_name, topic_id, partition) DO UPDATE SET position = EXCLUDED.position, holder = NULL, epoch = claim.epoch + 1`,
        [group, topic.id, partition, String(offset)],
      );
    }
  });
}
