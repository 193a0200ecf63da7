import type { Account } from './model.js';
import type { RateLimit } from './options.js';

export interface GraphErrorBody {
  message: string;
  type: string;
  code: number;
  error_subcode?: number;
  is_transient?: boolean;
  error_user_title?: string;
  error_user_msg?: string;
  error_data?: { messaging_product: 'whatsapp'; details: string };
}

/** An answer with Meta's error body. Codes and wording: README, "Errors". */
export class GraphError extends Error {
  constructor(
    readonly status: number,
    readonly body: GraphErrorBody,
    readonly headers: Record<string, string> = {},
  ) {
    super(body.message);
  }
}

export function oauthError(status: number, code: number, message: string, subcode?: number): GraphError {
  return new GraphError(status, {
    message,
    type: 'OAuthException',
    code,
    ...(subcode === undefined ? {} : { error_subcode: subcode }),
  });
}

export const invalidParameter = (what: string, subcode?: number): GraphError =>
  oauthError(400, 100, `(#100) ${what}`, subcode);

export const requiredParameter = (name: string): GraphError => invalidParameter(`The parameter ${name} is required.`);

export const unknownPath = (path: string): GraphError => oauthError(400, 2500, `Unknown path components: ${path}`);

export const expiredVersion = (newest: string): GraphError =>
  oauthError(
    400,
    2635,
    `(#2635) You are calling a deprecated version of the Ads API. Please update to the latest version: ${newest}.`,
  );

export const unknownNode = (method: string, id: string): GraphError =>
  new GraphError(400, {
    message: `Unsupported ${method.toLowerCase()} request. Object with ID '${id}' does not exist, cannot be loaded due to missing permissions, or does not support this operation. Please read the Graph API documentation at https://developers.facebook.com/docs/graph-api`,
    type: 'GraphMethodException',
    code: 100,
    error_subcode: 33,
  });

export const missingToken = (): GraphError =>
  oauthError(400, 104, 'An access token is required to request this resource.');

export const unreadableToken = (): GraphError =>
  oauthError(400, 190, 'Invalid OAuth access token - Cannot parse access token');

export const revokedToken = (): GraphError =>
  oauthError(
    401,
    190,
    'Error validating access token: The session has been invalidated because the user changed their password or Facebook has changed the session for security reasons.',
    460,
  );

export const expiredToken = (): GraphError =>
  oauthError(401, 190, 'Error validating access token: Session has expired.', 463);

const methodError = (message: string): GraphError =>
  new GraphError(400, { message, type: 'GraphMethodException', code: 100 });

export const invalidProof = (): GraphError => methodError('Invalid appsecret_proof provided in the API argument');

export const missingProof = (): GraphError =>
  methodError('API calls from the server require an appsecret_proof argument');

const THROTTLES: Record<RateLimit['code'], string> = {
  4: '(#4) Application request limit reached',
  17: '(#17) User request limit reached',
  32: '(#32) Page request limit reached',
  613: '(#613) Calls to this api have exceeded the rate limit.',
  80007: '(#80007) There have been too many calls to this WhatsApp Business account. Wait a bit and try again.',
};

/** WhatsApp's list of errors gives 429 for its throttles; Graph's says nothing of the status. */
export function throttled(code: RateLimit['code'], headers: Record<string, string>): GraphError {
  const error = oauthError(code === 80007 ? 429 : 400, code, THROTTLES[code]);
  return new GraphError(error.status, error.body, headers);
}

/** Instagram has its own subcodes, and its own type and status where it is reached by Instagram Login. */
function instagramError(account: Account, code: number, message: string, subcode: number): GraphError {
  if (account.pageId !== undefined) return oauthError(400, code, message, subcode);
  return new GraphError(code === 10 ? 403 : 400, { message, type: 'IGApiException', code, error_subcode: subcode });
}

export const outsideWindow = (account: Account): GraphError =>
  account.kind === 'instagram'
    ? instagramError(account, 10, 'This message is sent outside of allowed window.', 2534022)
    : oauthError(400, 10, '(#10) This message is sent outside of allowed window.', 2018278);

export const personUnavailable = (): GraphError =>
  oauthError(400, 551, "(#551) This person isn't available right now.", 1545041);

export const noSuchUser = (): GraphError => invalidParameter('No matching user found', 2018001);

export const unknownComment = (): GraphError => invalidParameter('Invalid comment_id parameter', 2018292);

/** The second private reply to one comment. */
export const alreadyAnswered = (account: Account): GraphError =>
  account.kind === 'instagram'
    ? noPrivateReply(account)
    : oauthError(400, 10900, '(#10900) Activity already replied to');

/** Too old, our own, a broadcast that is over. */
export const notAnswerable = (account: Account): GraphError =>
  account.kind === 'instagram'
    ? noPrivateReply(account)
    : oauthError(400, 10903, "(#10903) This user can't reply to this activity");

const noPrivateReply = (account: Account): GraphError =>
  instagramError(account, 100, 'The comment is invalid for a private reply', 2534025);

export const attachmentFailed = (): GraphError => invalidParameter('Upload attachment failure.', 2018047);

/** Cloud API: the code in the message, what happened in error_data. */
export function whatsappError(status: number, code: number, title: string, details: string): GraphError {
  return new GraphError(status, {
    message: `(#${code}) ${title}`,
    type: 'OAuthException',
    code,
    error_data: { messaging_product: 'whatsapp', details },
  });
}

/** A failure on Meta's side: 503 says "service" (code 2), every other 5xx "unknown" (code 1). */
export function transientError(status: number): GraphError {
  const [code, message] =
    status === 503
      ? ([2, 'Service temporarily unavailable'] as const)
      : ([1, 'An unknown error has occurred.'] as const);
  return new GraphError(status, { message, type: 'OAuthException', code, is_transient: true });
}
