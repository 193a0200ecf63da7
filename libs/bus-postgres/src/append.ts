import type { LaneBatch } from '@fanin/bus';
import type { Catalog } from './catalog.js';
import type { Database } from './database.js';

function encodeHeaders(headers: Readonly<Record<string, string>> | undefined): Buffer | undefined {
  if (headers === undefined) return undefined;
  const text = JSON.stringify(headers);
  return text === '{}' ? undefined : Buffer.from(text);
}

/** The arguments of the function `append`: lanes, then records as lengths into one blob, which travels in binary. */
export class AppendArguments {
  private readonly topic: number[] = [];
  private readonly partition: number[] = [];
  private readonly count: number[] = [];
  private readonly lane: number[] = [];
  private readonly seq: number[] = [];
  private readonly at: number[] = [];
  private readonly key: number[] = [];
  private readonly value: number[] = [];
  private readonly headers: number[] = [];
  private readonly ts: number[] = [];
  private readonly parts: Buffer[] = [];
  private bytes = 0;

  addLane(topicId: number, batch: LaneBatch): void {
    this.topic.push(topicId);
    this.partition.push(batch.partition);
    this.count.push(batch.records.length);
    for (const [seq, record] of batch.records.entries()) {
      const key = Buffer.from(record.key);
      const headers = encodeHeaders(record.headers);
      this.lane.push(this.topic.length);
      this.seq.push(seq);
      this.at.push(this.bytes + 1);
      this.key.push(key.length);
      this.value.push(record.value === null ? -1 : record.value.length);
      this.headers.push(headers?.length ?? 0);
      this.ts.push(record.timestampMs === undefined ? -1 : Math.trunc(record.timestampMs));
      this.put(key);
      if (record.value !== null) this.put(record.value);
      if (headers !== undefined) this.put(headers);
    }
  }

  values(): unknown[] {
    const arrays = [
      this.topic,
      this.partition,
      this.count,
      this.lane,
      this.seq,
      this.at,
      this.key,
      this.value,
      this.headers,
      this.ts,
    ];
    // Written out by hand: pg's own array conversion quotes every element.
    return [...arrays.map((numbers) => `{${numbers.join(',')}}`), Buffer.concat(this.parts, this.bytes)];
  }

  private put(bytes: Buffer): void {
    this.parts.push(bytes);
    this.bytes += bytes.length;
  }
}

/** Writes all batches in one transaction. Lanes are sorted, so that two appends cannot deadlock. */
export async function append(database: Database, catalog: Catalog, batches: readonly LaneBatch[]): Promise<void> {
  const lanes: { id: number; batch: LaneBatch }[] = [];
  for (const batch of batches) lanes.push({ id: (await catalog.topic(batch.topic)).id, batch });
  lanes.sort((a, b) => a.id - b.id || a.batch.partition - b.batch.partition);
  const args = new AppendArguments();
  for (const { id, batch } of lanes) args.addLane(id, batch);
  await database.query(`SELECT ${database.schema}.append($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`, args.values());
}
