import type { EncodedRecord } from '@fanin/contracts';

/** A record in the `records` column: lengths and JSON for what is text, the value's bytes as they are. */
interface Head {
  readonly key: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly at: number;
  readonly bytes: number;
}

/** [uint32 length of heads][heads as JSON][values one behind the other]: no base64, one row for a whole batch. */
export function packRecords(records: readonly EncodedRecord[]): Buffer {
  const heads: Head[] = records.map(({ key, headers, timestampMs, value }) => ({
    key,
    headers,
    at: timestampMs,
    bytes: value.length,
  }));
  const json = Buffer.from(JSON.stringify(heads), 'utf8');
  const length = Buffer.alloc(4);
  length.writeUInt32BE(json.length);
  return Buffer.concat([length, json, ...records.map(({ value }) => value)]);
}

export function unpackRecords(packed: Buffer): EncodedRecord[] {
  const end = 4 + packed.readUInt32BE(0);
  const heads = JSON.parse(packed.toString('utf8', 4, end)) as Head[];
  let at = end;
  return heads.map(({ key, headers, at: timestampMs, bytes }) => {
    const value = packed.subarray(at, at + bytes);
    at += bytes;
    return { key, headers, timestampMs, value };
  });
}
