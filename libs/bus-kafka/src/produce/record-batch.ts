import type { OutgoingRecord } from '@fanin/bus';
import type { ByteWriter } from './byte-writer.js';
import { sizeOfVarint } from './byte-writer.js';
import { crc32c } from './crc32c.js';

const MAGIC = 2;
/** Of a batch that belongs to no idempotent or transactional producer. */
const NONE = -1;
/** Bytes before the records: base offset to record count. */
const HEAD_BYTES = 61;
const LENGTH_AT = 8;
const CRC_AT = 17;
const CHECKED_FROM = 21;

/**
 * Writes one record batch, format 2, uncompressed (kafka.apache.org/documentation, "Record Batch"). A record without a time
 * of its own gets `nowMs`.
 */
export function writeRecordBatch(writer: ByteWriter, records: readonly OutgoingRecord[], nowMs: number): void {
  const start = writer.at;
  const baseMs = records[0]?.timestampMs ?? nowMs;
  let maxMs = baseMs;
  writer.reserve(HEAD_BYTES);
  writer.at += HEAD_BYTES;
  records.forEach((record, index) => {
    const timestampMs = record.timestampMs ?? nowMs;
    if (timestampMs > maxMs) maxMs = timestampMs;
    writeRecord(writer, record, index, timestampMs - baseMs);
  });
  const end = writer.at;
  writer.at = start;
  writer.int64(0);
  writer.int32(end - start - LENGTH_AT - 4);
  writer.int32(NONE);
  writer.int8(MAGIC);
  writer.int32(0);
  writer.int16(0);
  writer.int32(records.length - 1);
  writer.int64(baseMs);
  writer.int64(maxMs);
  writer.int64(NONE);
  writer.int16(NONE);
  writer.int32(NONE);
  writer.int32(records.length);
  writer.bytes.writeUInt32BE(crc32c(writer.bytes, start + CHECKED_FROM, end), start + CRC_AT);
  writer.at = end;
}

function writeRecord(writer: ByteWriter, record: OutgoingRecord, index: number, deltaMs: number): void {
  const { key, value, headers } = record;
  const room = roomOf(record);
  writer.reserve(room);
  const start = writer.at;
  // A guess; where it is wrong, the record is moved by a byte.
  const guess = sizeOfVarint((value?.length ?? 0) + 250);
  writer.at = start + guess;
  writer.int8(0);
  writer.varlong(deltaMs);
  writer.varint(index);
  writer.varText(key);
  if (value === null) writer.varint(-1);
  else {
    writer.varint(value.length);
    writer.raw(value);
  }
  const names = headers === undefined ? [] : Object.keys(headers);
  writer.varint(names.length);
  for (const name of names) {
    writer.varText(name);
    writer.varText(headers?.[name] ?? '');
  }
  writer.closeVar(start, guess, writer.at - start - guess);
}

/** At most so many bytes: UTF-8 takes three for a UTF-16 unit, a length five, a time ten. */
function roomOf({ key, value, headers }: OutgoingRecord): number {
  let room = 40 + key.length * 3 + (value?.length ?? 0);
  for (const name in headers) room += 10 + (name.length + (headers[name] ?? '').length) * 3;
  return room;
}
