import type { Contract } from './contract.js';

/** A record as both buses carry it: CloudEvents 1.0, Kafka protocol binding, binary mode. */
export interface EncodedRecord {
  readonly key: string;
  readonly value: Buffer;
  readonly headers: Readonly<Record<string, string>>;
  readonly timestampMs: number;
}

export interface EncodeOptions {
  /** Record key, already opaque (see `opaqueKey` of the kernel). */
  readonly key: string;
  /** CloudEvents `source`: path of the service, e.g. `/fanin/ticket-core`. */
  readonly source: string;
  /** W3C trace context to carry on. */
  readonly traceparent?: string;
  /** Further headers: CloudEvents extensions (`ce_…`). */
  readonly extensions?: Readonly<Record<string, string>>;
}

export interface DecodeFailure {
  readonly code: 'BAD_PAYLOAD' | 'UNSUPPORTED';
  /** What is wrong and where, without any value of the record. */
  readonly reason: string;
}

export type Decoded<T> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: DecodeFailure };

export interface Codec<T extends object> {
  readonly contract: Contract<T>;
  /** Validates against the closed schema; throws a TypeError naming the field when our own code made a wrong record. */
  encode(value: T, options: EncodeOptions): EncodedRecord;
  /** Validates leniently (unknown fields are let through) once per record. Never throws. */
  decode(record: { readonly value: Buffer | null; readonly headers: Readonly<Record<string, string>> }): Decoded<T>;
}
