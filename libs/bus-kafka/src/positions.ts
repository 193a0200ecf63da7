import type { BusRecord, PartitionPosition, ReadOptions } from '@fanin/bus';
import { FaninError } from '@fanin/kernel';
import type { ClusterAccess } from './cluster-access.js';
import { isClientError } from './errors.js';
import type { FetchedBatch, LowLevelCluster } from './low-level.js';
import { READ_COMMITTED, openBatch } from './low-level.js';
import { toBusRecord } from './records.js';

const READ_BYTES = 1024 * 1024;
const READ_WAIT_MS = 100;
/** Group generation of one who is no member: brokers accept its commit only while the group is empty. */
const NO_GENERATION = -1;

export interface OffsetOf {
  readonly partition: number;
  readonly offset: bigint;
}

type Edge = { readonly fromBeginning: boolean } | { readonly fromTimestamp: number };

/** What partitions hold and where groups stand, without joining a group. */
export class Positions {
  constructor(private readonly access: ClusterAccess) {}

  async read(topic: string, partition: number, options: ReadOptions): Promise<readonly BusRecord[]> {
    return this.access.run(`reading ${topic}/${partition}`, [topic], async (cluster) => {
      const earliest = await this.edge(cluster, topic, [partition], { fromBeginning: true });
      const latest = await this.edge(cluster, topic, [partition], { fromBeginning: false });
      const end = latest[0]?.offset ?? 0n;
      const wanted =
        options.fromOffset ?? (await this.startByTime(cluster, topic, partition, options.fromTimeMs, end)) ?? 0n;
      const first = earliest[0]?.offset ?? 0n;
      return this.fetchUntil(cluster, topic, partition, wanted < first ? first : wanted, end, options.limit);
    });
  }

  async positions(topic: string, group: string): Promise<readonly PartitionPosition[]> {
    const partitions = await this.access.partitions(topic);
    return this.access.run(`asking for the positions of ${group}`, [topic], async (cluster) => {
      const [earliest, end, committed] = await Promise.all([
        this.edge(cluster, topic, partitions, { fromBeginning: true }),
        this.edge(cluster, topic, partitions, { fromBeginning: false }),
        this.committed(cluster, topic, partitions, group),
      ]);
      const at = (offsets: readonly OffsetOf[], partition: number): bigint | undefined =>
        offsets.find((each) => each.partition === partition)?.offset;
      return partitions.map((partition) => ({
        topic,
        partition,
        earliest: at(earliest, partition) ?? 0n,
        end: at(end, partition) ?? 0n,
        committed: at(committed, partition) ?? null,
      }));
    });
  }

  async seek(topic: string, group: string, to: OffsetOf | { readonly timeMs: number }): Promise<void> {
    const partitions = await this.access.partitions(topic);
    await this.access.run(`moving the position of ${group}`, [topic], async (cluster) => {
      const offsets = 'timeMs' in to ? await this.byTime(cluster, topic, partitions, to.timeMs) : [to];
      await this.commit(cluster, topic, group, offsets);
    });
  }

  /**
   * Gives partitions that the group never committed the position at their end now. A member that starts 'latest' would
   * else skip what arrives between its start and its first commit, whenever it dies before that commit.
   */
  async startAtEnd(topic: string, group: string): Promise<void> {
    const fresh = (await this.positions(topic, group)).filter((each) => each.committed === null);
    if (fresh.length === 0) return;
    try {
      await this.access.run(`setting the first position of ${group}`, [topic], async (cluster) => {
        await this.commit(
          cluster,
          topic,
          group,
          fresh.map((each) => ({ partition: each.partition, offset: each.end })),
        );
      });
    } catch (error) {
      // Live members: one of them has done this when it came.
      if (!(error instanceof FaninError && error.code === 'CONFIG')) throw error;
    }
  }

  private async commit(
    cluster: LowLevelCluster,
    topic: string,
    groupId: string,
    offsets: readonly OffsetOf[],
  ): Promise<void> {
    const coordinator = await cluster.findGroupCoordinator({ groupId });
    const partitions = offsets.map((each) => ({ partition: each.partition, offset: String(each.offset) }));
    try {
      await coordinator.offsetCommit({
        groupId,
        groupGenerationId: NO_GENERATION,
        memberId: '',
        topics: [{ topic, partitions }],
      });
    } catch (error) {
      if (isClientError(error, 'UNKNOWN_MEMBER_ID', 'ILLEGAL_GENERATION', 'REBALANCE_IN_PROGRESS')) {
        throw new FaninError(
          'CONFIG',
          `The group ${groupId} has live members: stop every service that reads with it, then move its position.`,
        );
      }
      throw error;
    }
  }

  private async startByTime(
    cluster: LowLevelCluster,
    topic: string,
    partition: number,
    timeMs: number | undefined,
    end: bigint,
  ): Promise<bigint | undefined> {
    if (timeMs === undefined) return undefined;
    const found = await this.byTime(cluster, topic, [partition], timeMs);
    return found[0]?.offset ?? end;
  }

  /** Offset of the first record at or after a time; the end where there is none. */
  private async byTime(
    cluster: LowLevelCluster,
    topic: string,
    partitions: readonly number[],
    timeMs: number,
  ): Promise<readonly OffsetOf[]> {
    const [found, ends] = await Promise.all([
      this.edge(cluster, topic, partitions, { fromTimestamp: timeMs }),
      this.edge(cluster, topic, partitions, { fromBeginning: false }),
    ]);
    return ends.map((end) => found.find((each) => each.partition === end.partition && each.offset >= 0n) ?? end);
  }

  private async edge(
    cluster: LowLevelCluster,
    topic: string,
    partitions: readonly number[],
    edge: Edge,
  ): Promise<readonly OffsetOf[]> {
    const answer = await cluster.fetchTopicsOffset([
      { topic, partitions: partitions.map((partition) => ({ partition })), ...edge },
    ]);
    return answer.flatMap((each) =>
      each.partitions.map(({ partition, offset }) => ({ partition, offset: BigInt(offset) })),
    );
  }

  private async committed(
    cluster: LowLevelCluster,
    topic: string,
    partitions: readonly number[],
    groupId: string,
  ): Promise<readonly OffsetOf[]> {
    const coordinator = await cluster.findGroupCoordinator({ groupId });
    const { responses } = await coordinator.offsetFetch({
      groupId,
      topics: [{ topic, partitions: partitions.map((partition) => ({ partition })) }],
    });
    return responses
      .flatMap((each) => each.partitions.map(({ partition, offset }) => ({ partition, offset: BigInt(offset) })))
      .filter((each) => each.offset >= 0n);
  }

  private async fetchUntil(
    cluster: LowLevelCluster,
    topic: string,
    partition: number,
    from: bigint,
    end: bigint,
    limit: number,
  ): Promise<readonly BusRecord[]> {
    const records: BusRecord[] = [];
    let next = from;
    while (next < end && records.length < limit) {
      const batch = await this.fetch(cluster, topic, partition, next);
      if (batch === undefined || batch.isEmptyIncludingFiltered()) break;
      for (const message of batch.messages) {
        if (records.length === limit) break;
        records.push(toBusRecord(topic, partition, message));
      }
      next = BigInt(batch.lastOffset()) + 1n;
    }
    return records;
  }

  private async fetch(
    cluster: LowLevelCluster,
    topic: string,
    partition: number,
    from: bigint,
  ): Promise<FetchedBatch | undefined> {
    const leader = await this.access.leaderOf(cluster, topic, partition);
    const fetchOffset = String(from);
    const { responses } = await leader.fetch({
      maxWaitTime: READ_WAIT_MS,
      minBytes: 1,
      maxBytes: READ_BYTES,
      isolationLevel: READ_COMMITTED,
      rackId: '',
      topics: [{ topic, partitions: [{ partition, fetchOffset, maxBytes: READ_BYTES }] }],
    });
    const data = responses[0]?.partitions[0];
    return data === undefined ? undefined : openBatch(topic, fetchOffset, data);
  }
}
