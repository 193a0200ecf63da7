import { FaninError } from '@fanin/kernel';

/**
 * Names under which text may be logged. Everything else that is text is hidden: a new field is safe until somebody has
 * thought about it and added it here (ASVS 16.2.5). Numbers, booleans and null always pass.
 */
const ALLOWED = new Set(
  `account action address_hash attempt batch broker capability channel channel_slug check code component consumer context count cursor_kind decision
   direction door engine error evidence family fate folder from_offset grain group host host_name id key_id kind labels level
   limit list lease listener member metric migration migrations mode namespace notice offset outcome owner part parts partition partitions
   path peer permissions phase pid port prefix producer provider_status reason record_key reply rule schema scope segment service shape
   signal slug source spec stage state status step stop subscription table tenant tenants test to_offset topic topics
   trace type url_path usage version window worker`.split(/\s+/),
);

const ALLOWED_ENDING =
  /(Id|_id|Ids|_ids|Ms|_ms|Bytes|_bytes|Seconds|_seconds|Count|_count|At|_at|Hash|_hash|Topic|_topic)$/;

/** Allowed by their ending, yet the customer's or provider's own text. */
const NEVER = new Set(['provider_message_id', 'providerMessageId', 'message_id_header']);

/** An address, or a phone number in international form, wherever it turns up. */
const PERSONAL = /[^\s<>"'=,;:]+@[^\s<>"'=,;]+|\+\d[\d\s().-]{6,}\d/g;

const HIDDEN = '[hidden]';
const MAX_TEXT = 500;

/** Fields as they may be written. */
export function redact(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, redactValue(name, value)]));
}

export function maskPersonal(text: string): string {
  const masked = text.replace(PERSONAL, HIDDEN);
  return masked.length > MAX_TEXT ? `${masked.slice(0, MAX_TEXT)}…` : masked;
}

function redactValue(name: string, value: unknown): unknown {
  switch (typeof value) {
    case 'number':
    case 'boolean':
    case 'undefined':
      return value;
    case 'bigint':
      return String(value);
    case 'string':
      return isAllowed(name) ? maskPersonal(value) : HIDDEN;
    case 'object':
      return redactObject(name, value);
    default:
      return HIDDEN;
  }
}

function redactObject(name: string, value: object | null): unknown {
  if (value === null) return null;
  if (value instanceof Error) return describeError(value);
  if (Array.isArray(value)) return value.slice(0, 50).map((item) => redactValue(name, item));
  if (value instanceof Date) return value.toISOString();
  return redact(value as Record<string, unknown>);
}

function isAllowed(name: string): boolean {
  return !NEVER.has(name) && (ALLOWED.has(name) || ALLOWED_ENDING.test(name));
}

/**
 * Our own messages hold nothing personal. Those of others quote what they choked on, so what stands in quotes goes; the
 * stack keeps its frames without the message that it repeats.
 */
export function describeError(error: Error, depth = 0): Record<string, unknown> {
  const own = error instanceof FaninError;
  const code = 'code' in error && typeof error.code === 'string' ? error.code : undefined;
  const frames = (error.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line));
  return {
    name: error.name,
    ...(code === undefined ? {} : { code }),
    message: maskPersonal(own ? error.message : error.message.replace(/"[^"]*"|'[^']*'|`[^`]*`/g, '"…"')),
    stack: frames.slice(0, 12).map((line) => line.trim()),
    ...(error.cause instanceof Error && depth < 3 ? { cause: describeError(error.cause, depth + 1) } : {}),
  };
}
