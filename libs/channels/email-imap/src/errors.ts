import { FaninError, type ErrorCode } from '@fanin/kernel';

/** What imapflow adds to its errors. */
interface ImapError {
  readonly code?: string;
  /** NO or BAD of the tagged answer. */
  readonly responseStatus?: string;
  /** Response code in brackets (RFC 5530). */
  readonly serverResponseCode?: string;
  readonly responseText?: string;
  /** Text of a BYE. */
  readonly reason?: string;
  readonly authenticationFailed?: boolean;
  readonly tlsFailed?: boolean;
  readonly mailboxMissing?: boolean;
}

/** Connections that fail or break: imapflow's codes, then Node's. */
const NETWORK_CODES = new Set([
  'NoConnection',
  'EConnectionClosed',
  'StateLogout',
  'ClosedAfterConnectText',
  'ClosedAfterConnectTLS',
  'CONNECT_TIMEOUT',
  'GREETING_TIMEOUT',
  'UPGRADE_TIMEOUT',
  'ETIMEOUT',
  'LockTimeout',
  'ECONNRESET',
  'ECONNREFUSED',
  'ECONNABORTED',
  'ETIMEDOUT',
  'EPIPE',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EAI_AGAIN',
  'ENOTFOUND',
]);

/** Answers that could not be read: line noise, a proxy that is no mail server, limits. */
const PROTOCOL_CODES = new Set([
  'LineTooLarge',
  'LiteralTooLarge',
  'ResponseTooLarge',
  'InvalidResponse',
  'UnexpectedTag',
  'ResponseProcessingFailed',
  'MAX_IMAP_NESTING_REACHED',
]);

/** Response codes of RFC 5530 and 9051 §7.1 that name their reason. */
const RESPONSE_CODES: Readonly<Record<string, readonly [ErrorCode, string]>> = {
  UNAVAILABLE: ['TRANSIENT', 'The IMAP server says that a part of it does not answer.'],
  INUSE: ['TRANSIENT', 'The mailbox is locked by another program.'],
  SERVERBUG: ['TRANSIENT', 'The IMAP server reports an internal error.'],
  CORRUPTION: ['TRANSIENT', 'The IMAP server reports damaged data in the mailbox.'],
  LIMIT: ['RATE_LIMITED', 'The IMAP server says that a limit is reached.'],
  NOPERM: ['PERMISSION', 'The user may not read this folder (right "r" of RFC 4314).'],
  CONTACTADMIN: ['PERMISSION', 'The IMAP server asks for its administrator: the account may be locked.'],
  PRIVACYREQUIRED: ['CONFIG', 'imap.encryption: the server takes a login only with TLS.'],
  EXPIRED: ['AUTH', 'The password of the mailbox has expired.'],
  AUTHENTICATIONFAILED: ['AUTH', 'The IMAP server refused the user or password.'],
  AUTHORIZATIONFAILED: ['AUTH', 'The IMAP server does not let this user act for the mailbox.'],
};

const TOO_MANY = /too many|rate limit|throttl|try again later|exceeded/iu;

/** What imapflow throws, as a code of ours. Never repeats what the server said: it holds addresses. */
export function toFaninError(error: unknown): FaninError {
  if (error instanceof FaninError) return error;
  const about = (typeof error === 'object' && error !== null ? error : {}) as ImapError;
  const [code, message] = meaningOf(about) ?? [
    'BUG',
    'Reading the mailbox failed for a reason that is none of the server’s.',
  ];
  return new FaninError(code, message, { cause: error });
}

function meaningOf(error: ImapError): readonly [ErrorCode, string] | undefined {
  const { code = '', responseStatus, serverResponseCode = '', responseText = '', reason = '' } = error;
  if (code === 'ETHROTTLE' || TOO_MANY.test(reason) || (responseStatus !== undefined && TOO_MANY.test(responseText)))
    return ['RATE_LIMITED', 'The IMAP server asks to come more slowly, or with fewer connections.'];
  // imapflow calls every failure of a login a failed authentication, a broken line too.
  if (NETWORK_CODES.has(code)) return ['TRANSIENT', networkText(code)];
  if (error.tlsFailed === true || /^(ERR_TLS|ERR_SSL|EPROTO$|STARTTLS_INJECTION$)|CERT|SIGNATURE/u.test(code))
    return ['CONFIG', tlsText(code)];
  const known = RESPONSE_CODES[serverResponseCode.toUpperCase()];
  if (known !== undefined) return known;
  if (error.authenticationFailed === true)
    return responseStatus === undefined
      ? ['CONFIG', 'imap.encryption: the server offers no login here. Most want TLS first.']
      : ['AUTH', 'The IMAP server refused the user or password.'];
  if (error.mailboxMissing === true || /^(NONEXISTENT|TRYCREATE)$/iu.test(serverResponseCode))
    return [
      'CONFIG',
      'folder: there is no such folder. Names are case-sensitive, subfolders are written as the server lists them.',
    ];
  if (responseStatus !== undefined) return ['TRANSIENT', `The IMAP server refused a command (${responseStatus}).`];
  if (PROTOCOL_CODES.has(code) || code.startsWith('ParserError'))
    return ['TRANSIENT', `The IMAP server sent what cannot be read (${code}).`];
  return undefined;
}

function networkText(code: string): string {
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN')
    return 'The name of the IMAP server cannot be resolved (imap.host).';
  if (code === 'ECONNREFUSED') return 'Nothing listens at imap.host and imap.port.';
  if (code === 'GREETING_TIMEOUT')
    return 'The IMAP server does not greet. A port with TLS from the start (993) wants imap.encryption: tls.';
  return 'The connection to the IMAP server failed or broke.';
}

function tlsText(code: string): string {
  if (/SELF_SIGNED|ISSUER|SIGNATURE|UNABLE_TO/u.test(code))
    return 'imap.ca_certificate: the certificate of the server is signed by an authority that is not known here.';
  if (code === 'CERT_HAS_EXPIRED') return 'imap.host: the certificate of the server has expired.';
  if (/ALTNAME/u.test(code)) return 'imap.host: the certificate of the server is for another name.';
  if (code === 'STARTTLS_INJECTION')
    return 'imap.host: the server spoke between STARTTLS and TLS; someone may sit on the line.';
  return 'imap.encryption: no TLS with this server at this port. Port 993 wants tls, port 143 starttls.';
}
