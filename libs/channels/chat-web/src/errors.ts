import { FaninError, messageOf } from '@fanin/kernel';
import { CLOSE, SessionEnd } from './session-end.js';

/** Codes of Node's sockets that go away by themselves. */
const NETWORK = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EAI_AGAIN',
]);

/** Pure. What went wrong on a socket or with a visitor's token, in the closed list of codes. */
export function translateError(error: unknown): FaninError {
  if (error instanceof FaninError) return error;
  if (error instanceof SessionEnd) return new FaninError(codeOfEnd(error), error.message, { cause: error });
  const code = (error as { code?: unknown } | null)?.code;
  if (typeof code === 'string') {
    // The token library's errors: ERR_JWT_EXPIRED, ERR_JWS_SIGNATURE_VERIFICATION_FAILED, ERR_JOSE_ALG_NOT_ALLOWED…
    if (/^ERR_J(OSE|W[A-Z]+)_/.test(code))
      return new FaninError('AUTH', "a visitor's token was refused", { cause: error });
    if (NETWORK.has(code)) return new FaninError('TRANSIENT', `the socket failed (${code})`, { cause: error });
    // The socket library's errors: a frame too big, not UTF-8, against the protocol.
    if (code.startsWith('WS_ERR_'))
      return new FaninError('BAD_PAYLOAD', `the client broke the protocol (${code})`, { cause: error });
  }
  return new FaninError('BUG', messageOf(error), { cause: error });
}

function codeOfEnd({ closeCode }: SessionEnd): 'AUTH' | 'RATE_LIMITED' | 'BAD_PAYLOAD' | 'TRANSIENT' {
  switch (closeCode) {
    case CLOSE.unauthorised:
    case CLOSE.moved:
      return 'AUTH';
    case CLOSE.flood:
      return 'RATE_LIMITED';
    case CLOSE.badFrame:
    case CLOSE.tooBig:
    case CLOSE.helloTimeout:
      return 'BAD_PAYLOAD';
    default:
      return 'TRANSIENT';
  }
}
