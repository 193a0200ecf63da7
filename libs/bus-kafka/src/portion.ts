import type { BusRecord } from '@fanin/bus';
import type { EachBatchPayload } from 'kafkajs';
import { toBusRecord } from './records.js';

/** What a fetch brought of one partition, as kafkajs hands it over. */
export class Portion {
  private at = 0;

  constructor(readonly payload: EachBatchPayload) {}

  get topic(): string {
    return this.payload.batch.topic;
  }

  get partition(): number {
    return this.payload.batch.partition;
  }

  get count(): number {
    return this.payload.batch.messages.length;
  }

  get isEmpty(): boolean {
    return this.at >= this.payload.batch.messages.length;
  }

  /** The next records, at most `limit`. */
  take(limit: number): readonly BusRecord[] {
    const messages = this.payload.batch.messages.slice(this.at, this.at + limit);
    this.at += messages.length;
    return messages.map((message) => toBusRecord(this.topic, this.partition, message));
  }

  /** Where the group reads on once `record` is done. */
  positionBehind(record: BusRecord): bigint {
    const { messages } = this.payload.batch;
    // Behind the last record there may be control records, which only the batch knows of.
    const isLast = messages.at(-1)?.offset === String(record.offset);
    return (isLast ? BigInt(this.payload.batch.lastOffset()) : record.offset) + 1n;
  }
}

/** Records of several partitions that are handled together, each partition's in a row. */
export class Piece {
  readonly records: readonly BusRecord[];

  private constructor(private readonly parts: readonly (readonly [Portion, readonly BusRecord[]])[]) {
    this.records = parts.flatMap(([, records]) => records);
  }

  /** The next `size` records at most; undefined when there are none. */
  static from(portions: readonly Portion[], size: number): Piece | undefined {
    const parts: [Portion, readonly BusRecord[]][] = [];
    let left = size;
    for (const portion of portions) {
      if (left === 0) break;
      const records = portion.take(left);
      left -= records.length;
      if (records.length > 0) parts.push([portion, records]);
    }
    return parts.length === 0 ? undefined : new Piece(parts);
  }

  /** Positions to commit once the first `done` records are done. */
  positions(done: number): readonly (readonly [Portion, bigint])[] {
    const positions: [Portion, bigint][] = [];
    let left = done;
    for (const [portion, records] of this.parts) {
      const last = records[Math.min(left, records.length) - 1];
      if (last !== undefined) positions.push([portion, portion.positionBehind(last)]);
      left = Math.max(0, left - records.length);
    }
    return positions;
  }

  /** Those with records behind the first `done`. */
  unfinished(done: number): readonly Portion[] {
    let left = done;
    return this.parts.flatMap(([portion, records]) => {
      const isUnfinished = records.length > left;
      left = Math.max(0, left - records.length);
      return isUnfinished ? [portion] : [];
    });
  }
}
