import { FaninError, type ErrorCode } from '@fanin/kernel';
import { GraphError, GraphSilence } from './graph-error.js';

/** Throttles: of the app (4), the user (17), the Page (32), a custom one (613), WhatsApp's (80007, 130429, 131048, 131056). */
const THROTTLES: Readonly<Record<number, number>> = {
  4: 60_000,
  17: 60_000,
  32: 60_000,
  613: 60_000,
  80001: 60_000,
  80002: 60_000,
  80006: 60_000,
  80007: 60_000,
  130429: 10_000,
  131048: 600_000,
  // One pair of numbers: six seconds a message.
  131056: 6_000,
  368: 600_000,
};
const TRANSIENT = new Set([1, 2, 131000, 131016, 133004, 135000]);
const AUTH = new Set([102, 104, 190, 463, 467, 0]);
const PERMISSION = new Set([3, 200, 210, 230, 299, 10901, 131005, 131031, 131042, 133010, 130497]);
/** The window or the person forbids it; nobody can mend it by trying or by configuring. */
const REFUSED: Readonly<Record<number, string>> = {
  551: 'the person cannot be reached now (blocked, deactivated or deleted)',
  10900: 'the comment was answered privately before; it can be done once',
  10903: 'the comment cannot be answered privately',
  130403: 'the person cannot be reached',
  131021: 'sender and recipient are the same number',
  131026: 'undeliverable: the number has no WhatsApp, has not accepted the terms, or uses too old a version',
  131047: 'more than 24 hours since the customer wrote last; only a template can be sent',
  131049: 'Meta did not deliver it to keep the customer from too many messages',
  131050: 'the customer does not want marketing messages',
  131051: 'this type of message is not supported',
};
/** 10/2018278 Messenger, 10/2534022 Instagram, 10/2018065: outside the window. Any other 10 is a permission. */
const OUTSIDE_WINDOW = new Set([2018278, 2534022, 2018065, 1893063]);
/** Among the parameters that are wrong (100): nobody there, or (Instagram) a comment that takes no private reply any more. */
const NOBODY: Readonly<Record<number, string>> = {
  2018001: 'there is nobody with this id any more',
  2018292: 'the comment is not there any more',
  1545041: 'the person cannot be reached now',
  2534025: 'the comment was answered privately before, or takes no private reply any more',
};

/** What Graph's answer means in the closed list. Pure. */
export function graphFault(error: unknown): FaninError {
  if (error instanceof FaninError) return error;
  if (error instanceof GraphSilence) return new FaninError('TRANSIENT', error.message, { cause: error });
  if (!(error instanceof GraphError))
    return new FaninError('BUG', 'a call of the Graph API failed in a way that is not known', { cause: error });
  return new FaninError(codeOfGraph(error), reasonOf(error), {
    cause: error,
    ...waitOf(error),
  });
}

function waitOf(error: GraphError): { readonly retryAfterMs?: number } {
  if (codeOfGraph(error) !== 'RATE_LIMITED') return {};
  return { retryAfterMs: error.waitMs ?? THROTTLES[error.code] ?? 60_000 };
}

function codeOfGraph(error: GraphError): ErrorCode {
  const { code, subcode = 0, status } = error;
  if (THROTTLES[code] !== undefined || status === 429) return 'RATE_LIMITED';
  if (error.isWrongProof) return 'AUTH';
  if (code === 10) return OUTSIDE_WINDOW.has(subcode) ? 'UNSUPPORTED' : 'PERMISSION';
  if (REFUSED[code] !== undefined || (code === 100 && NOBODY[subcode] !== undefined)) return 'UNSUPPORTED';
  if (code === 2635) return 'CONFIG';
  if (TRANSIENT.has(code)) return 'TRANSIENT';
  if (PERMISSION.has(code) || (code > 200 && code < 300)) return 'PERMISSION';
  if (AUTH.has(code) || status === 401) return 'AUTH';
  return status >= 500 ? 'TRANSIENT' : 'BAD_PAYLOAD';
}

function reasonOf(error: GraphError): string {
  const { code, subcode = 0 } = error;
  const why = wordsFor(code, subcode);
  return why === undefined ? error.message : `${why} (Graph error ${code}${subcode === 0 ? '' : `/${subcode}`})`;
}

function wordsFor(code: number, subcode: number): string | undefined {
  if (code === 10 && OUTSIDE_WINDOW.has(subcode)) return 'outside the window in which Meta lets us answer';
  return code === 100 ? NOBODY[subcode] : REFUSED[code];
}

/** The same for an error that came in a status webhook: a code and words, no HTTP answer. */
export function statusFault(code: number, words: string): { readonly code: ErrorCode; readonly reason: string } {
  const fault = graphFault(new GraphError(400, code, undefined, words, undefined));
  return { code: fault.code, reason: fault.message };
}
