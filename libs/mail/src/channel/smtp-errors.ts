import { FaninError } from '@fanin/kernel';

/** nodemailer's own and Node's, for connections that fail or break. */
const NETWORK_CODES = new Set([
  'ECONNECTION',
  'ESOCKET',
  'ETIMEDOUT',
  'ECONNRESET',
  'ECONNREFUSED',
  'ECONNABORTED',
  'EPIPE',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EPROTOCOL',
  'EAI_AGAIN',
  'ESTREAM',
]);

/** What nodemailer throws, as a code of ours (RFC 5321 §4.2, RFC 4954). Never repeats the server's text: it holds addresses. */
export function smtpErrorOf(error: unknown): FaninError {
  if (error instanceof FaninError) return error;
  const { code, responseCode } = error as { code?: string; responseCode?: number };
  const cause = { cause: error };
  if (code === 'EAUTH' || responseCode === 535 || responseCode === 530)
    return new FaninError('AUTH', 'The mail relay refused the user or password.', cause);
  if (code === 'ETLS')
    return new FaninError(
      'CONFIG',
      'The mail relay offers no STARTTLS. Use relay.encryption: tls, or none on the same machine.',
      cause,
    );
  if (code === 'EDNS' || code === 'ENOTFOUND')
    return new FaninError('TRANSIENT', 'The name of the mail relay cannot be resolved.', cause);
  if (responseCode !== undefined && responseCode >= 500)
    return new FaninError('BAD_PAYLOAD', `The mail relay refused the mail for good (${responseCode}).`, cause);
  if (responseCode !== undefined && responseCode >= 400)
    return new FaninError('TRANSIENT', `The mail relay asked to come again (${responseCode}).`, cause);
  if (code === 'EENVELOPE' || code === 'EMESSAGE')
    return new FaninError('BAD_PAYLOAD', 'The mail relay cannot take this mail.', cause);
  if (code !== undefined && NETWORK_CODES.has(code))
    return new FaninError('TRANSIENT', 'The mail relay does not answer.', cause);
  return new FaninError('BUG', 'Sending failed for a reason that is none of the relay’s.', cause);
}
