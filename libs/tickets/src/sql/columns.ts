/** A parameter that node-postgres asks for its wire form when the statement is sent. */
export interface Column {
  readonly values: readonly (string | number | null)[];
  toPostgres(): Buffer | string;
}

const TEXT_OID = 25;
const JSON_OID = 114;
/** One UTF-16 unit takes at most three bytes in UTF-8. */
const MAX_BYTES_PER_UNIT = 3;
/** Up to here room is taken generously instead of counted. */
const SMALL_UNITS = 512 * 1024;

/**
 * text[] in the binary format: per element its length and its bytes. The text format, which node-postgres makes of an array,
 * escapes every quote and backslash here and undoes it there, which for bodies and JSON costs as much as storing them.
 */
export function textColumn(values: readonly (string | null)[]): Column {
  return { values, toPostgres: () => binaryArray(TEXT_OID, values) };
}

/** json[]: as `textColumn`; the elements are JSON already. */
export function jsonColumn(values: readonly (string | null)[]): Column {
  return { values, toPostgres: () => binaryArray(JSON_OID, values) };
}

/**
 * For uuid[], int[], bigint[], timestamptz[]: values that contain nothing to be escaped. Numbers, ids of our own making and
 * times in ISO 8601 only; a text goes through `textColumn`.
 */
export function plainColumn(values: readonly (string | number | null)[]): Column {
  return { values, toPostgres: () => `{${values.map((value) => value ?? 'NULL').join(',')}}` };
}

/** array_send of PostgreSQL: dimensions, has nulls, element type, length and lower bound, then the elements. */
function binaryArray(elementOid: number, values: readonly (string | null)[]): Buffer {
  const buffer = Buffer.allocUnsafe(20 + 4 * values.length + roomFor(values));
  let at = buffer.writeInt32BE(values.length === 0 ? 0 : 1, 0);
  at = buffer.writeInt32BE(values.includes(null) ? 1 : 0, at);
  at = buffer.writeInt32BE(elementOid, at);
  if (values.length === 0) return buffer.subarray(0, at);
  at = buffer.writeInt32BE(values.length, at);
  at = buffer.writeInt32BE(1, at);
  for (const value of values) {
    const bytes = value === null ? -1 : buffer.write(value, at + 4);
    buffer.writeInt32BE(bytes, at);
    at += 4 + Math.max(0, bytes);
  }
  return buffer.subarray(0, at);
}

function roomFor(values: readonly (string | null)[]): number {
  let units = 0;
  for (const value of values) units += value?.length ?? 0;
  if (units <= SMALL_UNITS) return units * MAX_BYTES_PER_UNIT;
  return values.reduce((bytes, value) => bytes + (value === null ? 0 : Buffer.byteLength(value)), 0);
}
