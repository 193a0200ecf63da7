import { ERROR_TRAITS, FaninError, messageOf } from '@fanin/kernel';

/** System error codes of sockets and name resolution: the environment, never the record. */
const SYSTEM_CODES = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ECONNABORTED',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ENOSPC',
  'EMFILE',
]);

/**
 * SQLSTATE classes (PostgreSQL manual, appendix A) that say nothing about the record: 08 connection, 25006 read-only
 * server, 25P03 and 25P04 a transaction that stood still too long (a frozen process), 40 rollback (deadlock, serialisation), 53
 * out of resources, 55P03 lock not available, 57 operator intervention,
 * 58 system error.
 */
const SQL_STATES = /^(08|40|53|57|58)|^(25006|25P03|25P04|55P03)$/;

const CUT_CONNECTION =
  /Connection terminated|timeout exceeded when trying to connect|Client has encountered a connection error|Query read timeout/;

/** `environment`: hits every record, retried without end. `record`: this record's own. `fatal`: the service must leave. */
export type Fault = 'environment' | 'record' | 'fatal';

export function faultOf(error: unknown): Fault {
  if (error instanceof FaninError) {
    if (ERROR_TRAITS[error.code].retriable) return 'environment';
    // A topic or setting that is missing is missing for every record.
    return error.code === 'CONFIG' ? 'fatal' : 'record';
  }
  return isEnvironment(error) ? 'environment' : 'record';
}

function isEnvironment(error: unknown): boolean {
  // Judged by shape: an error of another realm (a VM context, a worker) is no instance of this realm's Error.
  if (typeof error !== 'object' || error === null) return false;
  const { code, message, cause } = error as { code?: unknown; message?: unknown; cause?: unknown };
  if (typeof code === 'string' && (SYSTEM_CODES.has(code) || SQL_STATES.test(code))) return true;
  // pg reports a connection that was cut by plain errors without a code.
  if (typeof message === 'string' && CUT_CONNECTION.test(message)) return true;
  return isEnvironment(cause);
}

/** What engines expect of a handler that could not work: FaninError with a retriable code. */
export function asTransient(error: unknown): FaninError {
  if (error instanceof FaninError && ERROR_TRAITS[error.code].retriable) return error;
  return new FaninError('TRANSIENT', messageOf(error), { cause: error });
}
