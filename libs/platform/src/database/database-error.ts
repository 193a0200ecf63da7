import { FaninError } from '@fanin/kernel';

/** serialization_failure and deadlock_detected: the same transaction may succeed at once when it is run again. */
const RUN_AGAIN = new Set(['40001', '40P01']);

/**
 * Classes and codes that pass without a person changing the statement (PostgreSQL, appendix A): 08 connection, 53
 * insufficient resources, 57P operator intervention, 58 system error; lock, statement and transaction timeouts; a read-only server
 * (failover in progress).
 */
const PASSING = /^(08...|53...|57P0[1-5]|57014|58...|55P03|25006|25P0[34]|40...)$/;

const SOCKET_CODES = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
]);

/** Texts of errors that pg throws without a code. */
const LOST_CONNECTION =
  /connection terminated|timeout exceeded when trying to connect|query read timeout|client has encountered a connection error|not queryable|connection timeout/i;

/**
 * What a connection prepared under a name cannot be run any more: the server does not know it (invalid_sql_statement_name), or
 * a migration has changed what it returns. It fails on this connection for ever, and on a new one not at all.
 */
export function isStalePlan(error: unknown): boolean {
  const code = codeOfDriver(error);
  return code === '26000' || (code === '0A000' && error instanceof Error && /cached plan/.test(error.message));
}

function codeOfDriver(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}

export function mayRunAgain(error: unknown): boolean {
  const code = codeOfDriver(error);
  return (code !== undefined && RUN_AGAIN.has(code)) || isStalePlan(error);
}

/** Whether the database, not the statement, is the reason. */
export function isPassing(error: unknown): boolean {
  const code = codeOfDriver(error);
  if (code !== undefined) return PASSING.test(code) || SOCKET_CODES.has(code);
  return error instanceof Error && LOST_CONNECTION.test(error.message);
}

/**
 * What leaves the database module: a passing failure as FaninError TRANSIENT, so that a consumer tries again; anything
 * else as it is, so that it counts as BUG.
 */
export function asDatabaseError(error: unknown): unknown {
  if (error instanceof FaninError || !isPassing(error)) return error;
  const code = codeOfDriver(error);
  return new FaninError('TRANSIENT', `the database does not answer${code === undefined ? '' : ` (${code})`}`, {
    cause: error,
  });
}
