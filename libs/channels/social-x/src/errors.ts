import { codeOf, FaninError, messageOf, type ErrorCode } from '@fanin/kernel';
import { at, labelOf, recordOf, recordsOf } from './payload.js';

/** A call that X refused, or that did not come to an end. */
export class XFailure extends FaninError {
  /** HTTP status; undefined when no answer came. */
  readonly status: number | undefined;
  /** Numbers of the older error list (187, 349 …) that came with it. */
  readonly numbers: readonly number[];
  /** What X says about it, for people. */
  readonly detail: string;
  /** False only when it is certain that X has not carried the call out. */
  readonly mayHaveHappened: boolean;
  /** The monthly cap or the prepaid credits are used up: waiting for the rate window is of no use. */
  readonly usageCapped: boolean;

  constructor(
    code: ErrorCode,
    message: string,
    facts: Partial<Pick<XFailure, 'status' | 'numbers' | 'detail' | 'mayHaveHappened' | 'usageCapped'>> & {
      readonly retryAfterMs?: number;
    },
  ) {
    super(code, message, facts.retryAfterMs === undefined ? {} : { retryAfterMs: facts.retryAfterMs });
    this.name = 'XFailure';
    this.status = facts.status;
    this.numbers = facts.numbers ?? [];
    this.detail = facts.detail ?? '';
    this.mayHaveHappened = facts.mayHaveHappened ?? false;
    this.usageCapped = facts.usageCapped ?? false;
  }
}

/** Of a connection that never stood: the call cannot have reached X. */
const NOT_CONNECTED =
  /^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|ENETUNREACH|EHOSTUNREACH|EADDRNOTAVAIL|ERR_TLS|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO|ERR_SSL)/;
/** Wrong certificate: a person must look. */
const BAD_CERTIFICATE = /^(CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO|ERR_TLS_CERT)/;
const AUTH_NUMBERS = [32, 89, 99, 135, 215];
const SUSPENDED = [64, 326, 416];

/** What the SDK or the network threw, as a code of ours. The SDK's own error goes no further: it carries the request. */
export function toFaninError(error: unknown): FaninError {
  if (error instanceof FaninError) return error;
  const kind = at(error, 'type');
  if (kind === 'response') return refusal(error);
  if (kind === 'partial-response')
    return new XFailure('TRANSIENT', "X's answer broke off or was no JSON", { mayHaveHappened: true });
  if (kind === 'request') return unanswered(brokenBy(error));
  if (typeof at(error, 'code') === 'string' && at(error, 'syscall') !== undefined) return unanswered(error);
  return new FaninError('BUG', messageOf(error), { cause: error });
}

/** The SDK promises `requestError`, yet keeps what happened where its getter does not look. */
function brokenBy(error: unknown): unknown {
  return (error as { requestError?: unknown }).requestError ?? at(error, '_options', 'error') ?? error;
}

function unanswered(cause: unknown): XFailure {
  const name = String(at(cause, 'code') ?? '');
  const connecting = NOT_CONNECTED.test(name) || (name === 'ETIMEDOUT' && at(cause, 'syscall') === 'connect');
  if (BAD_CERTIFICATE.test(name))
    return new XFailure('CONFIG', `the certificate behind api_address is not trusted (${name}): check api_ca_file`, {});
  const what = name === '' ? withoutStop(messageOf(cause)) : name;
  return new XFailure('TRANSIENT', `X did not answer: ${what}`, { mayHaveHappened: !connecting });
}

/** For words of others that a sentence of ours goes on after. */
export function withoutStop(text: string): string {
  return text.replace(/[\s.]+$/, '');
}

function refusal(error: unknown): XFailure {
  const status = Number(at(error, 'code'));
  const data = recordOf(at(error, 'data'));
  const listed = recordsOf(data?.errors);
  const numbers = [...listed.map((each) => each.code), data?.code].filter((each) => typeof each === 'number');
  // The general words of a 400 ("One or more parameters…") say less than those of its entries.
  const said = [listed[0]?.message, listed[0]?.detail, data?.detail, data?.error_description, data?.title];
  const detail = said.map((each) => labelOf(each, 300)).find((each) => each !== undefined) ?? '';
  const type = String(data?.type ?? listed[0]?.type ?? '');
  const usageCapped = status === 402 || /usage-?capp|usagecap|credits/i.test(`${type} ${String(data?.title ?? '')}`);
  const facts = { status, numbers, detail, usageCapped, mayHaveHappened: status >= 500 || status === 408 };
  const why = detail === '' ? '' : `: ${detail}`;
  if (usageCapped)
    return new XFailure(
      'RATE_LIMITED',
      `the credits or the monthly cap of the X app are used up (${status})${why}`,
      facts,
    );
  return new XFailure(codeOfStatus(status, numbers), `X answered ${status}${why}`, facts);
}

function codeOfStatus(status: number, numbers: readonly number[]): ErrorCode {
  if (status === 401 || numbers.some((each) => AUTH_NUMBERS.includes(each))) return 'AUTH';
  if (status === 429 || status === 420) return 'RATE_LIMITED';
  if (status === 403 || numbers.some((each) => SUSPENDED.includes(each))) return 'PERMISSION';
  if (status === 408 || status >= 500) return 'TRANSIENT';
  return 'BAD_PAYLOAD';
}

/** A 429 says when the window opens again in x-rate-limit-reset (epoch seconds); there is no Retry-After. */
export function waitOf(error: unknown, nowMs: number): number {
  const reset = Number(at(error, 'rateLimit', 'reset') ?? at(error, 'headers', 'x-rate-limit-reset'));
  const wait = Number.isFinite(reset) && reset > 0 ? reset * 1000 - nowMs : WINDOW_MS;
  // A little later than told, so that two clocks that differ by a second do not meet at a closed door.
  return Math.min(Math.max(wait, 0) + 1000, DAY_MS);
}

const WINDOW_MS = 15 * 60_000;
const DAY_MS = 24 * 60 * 60_000;

export function isTransient(error: unknown): boolean {
  return codeOf(error) === 'TRANSIENT';
}
