import { FaninError, messageOf, type ErrorCode } from '@fanin/kernel';
import { faultOfCode, isKnownCode } from './error-codes.js';

/** What Node says when no connection came about: nothing can have been taken. */
const NOT_CONNECTED = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EADDRNOTAVAIL',
]);
const BROKEN = new Set([
  'ECONNRESET',
  'ECONNABORTED',
  'ETIMEDOUT',
  'EPIPE',
  'ERR_NETWORK',
  'ERR_CANCELED',
  'ERR_BAD_RESPONSE',
]);

interface Refusal {
  /** HTTP status. */
  readonly status: number;
  /** Twilio's code, where the answer had one. */
  readonly code: number | undefined;
}

function refusalOf(error: unknown): Refusal | undefined {
  const { status, code } = (error ?? {}) as { readonly status?: unknown; readonly code?: unknown };
  if (typeof status !== 'number' || status < 100) return undefined;
  return { status, code: typeof code === 'number' ? code : undefined };
}

function networkCodeOf(error: unknown): string | undefined {
  const code = (error as { readonly code?: unknown } | null)?.code;
  return typeof code === 'string' ? code : undefined;
}

/**
 * Pure. What the SDK or the network throws, as a code of ours. The SDK's own words are left out: they hold numbers and,
 * in what it wraps, credentials.
 */
export function toFaninError(error: unknown): FaninError {
  if (error instanceof FaninError) return error;
  const refusal = refusalOf(error);
  if (refusal !== undefined) return new FaninError(codeOfRefusal(refusal), reasonOfRefusal(refusal));
  const network = networkCodeOf(error);
  if (network !== undefined && (NOT_CONNECTED.has(network) || BROKEN.has(network) || /CERT|TLS|SSL/.test(network)))
    return new FaninError('TRANSIENT', `Twilio could not be reached (${network})`);
  return new FaninError('BUG', messageOf(error));
}

function codeOfRefusal({ status, code }: Refusal): ErrorCode {
  if (code !== undefined && isKnownCode(code)) return faultOfCode(code, '').code;
  if (code === 20003 || status === 401) return 'AUTH';
  if (code === 20429 || status === 429) return 'RATE_LIMITED';
  if (status === 403) return 'PERMISSION';
  if (status >= 500 || status === 408 || status === 425) return 'TRANSIENT';
  return status >= 400 ? 'BAD_PAYLOAD' : 'BUG';
}

function reasonOfRefusal({ status, code }: Refusal): string {
  if (code !== undefined && isKnownCode(code)) return faultOfCode(code, '').reason;
  const more = code === undefined ? '' : `, see twilio.com/docs/api/errors/${code}`;
  return `Twilio answered ${status}${more}`;
}

/** True when the failure is about this one message: the account is as well as before. */
export function isAboutMessage(error: unknown): boolean {
  const refusal = refusalOf(error);
  return refusal?.code !== undefined && isKnownCode(refusal.code) && faultOfCode(refusal.code, '').ofMessage;
}

/** Twilio may have taken a message although the call failed (twilio.com/docs/api/errors/20500): only a refusal or no connection is certain. */
export function mayHaveBeenTaken(error: unknown): boolean {
  const refusal = refusalOf(error);
  if (refusal !== undefined) return refusal.status >= 500;
  const network = networkCodeOf(error);
  return network === undefined || !NOT_CONNECTED.has(network);
}
