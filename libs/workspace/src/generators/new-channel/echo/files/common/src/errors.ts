import { FaninError } from '@fanin/kernel';

/** What the client throws for an answer that is no success. */
export class EchoAnswer extends Error {
  constructor(readonly status: number) {
    super(`the echo answered ${status}`);
  }
}

const SOCKET_CODES = ['ECONNREFUSED', 'ECONNRESET', 'UND_ERR_SOCKET'];

export function translate(error: unknown): FaninError {
  if (error instanceof FaninError) return error;
  if (error instanceof EchoAnswer && error.status === 401)
    return new FaninError('AUTH', 'the echo refused the token (401)', { cause: error });
  if (error instanceof EchoAnswer && error.status >= 500) return new FaninError('TRANSIENT', error.message);
  const code = codeOf(error) ?? codeOf((error as { cause?: unknown } | null)?.cause);
  if (code !== undefined && SOCKET_CODES.includes(code))
    return new FaninError('TRANSIENT', `the echo cannot be reached (${code})`, { cause: error });
  return new FaninError('BUG', 'the echo was called and something unknown came back', { cause: error });
}

function codeOf(error: unknown): string | undefined {
  const code = (error as { code?: unknown } | null | undefined)?.code;
  return typeof code === 'string' ? code : undefined;
}
