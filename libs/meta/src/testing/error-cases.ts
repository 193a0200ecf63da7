import type { ErrorCase } from '@fanin/connector-kit';
import type { ErrorCode } from '@fanin/kernel';
import { GraphError, GraphSilence } from '../graph/graph-error.js';

const answered = (status: number, code: number, subcode: number | undefined, said: string): GraphError =>
  new GraphError(status, code, subcode, said, undefined);

const CASES: readonly (readonly [string, Error, ErrorCode])[] = [
  ['the access token was revoked or has ended (190)', answered(401, 190, 460, 'Error validating access token'), 'AUTH'],
  [
    'the appsecret_proof is wrong: app_secret is not this app’s',
    answered(400, 100, undefined, 'Invalid appsecret_proof provided in the API argument'),
    'AUTH',
  ],
  [
    'the token lacks a permission (10, 200…299)',
    answered(403, 200, undefined, 'Requires pages_messaging permission'),
    'PERMISSION',
  ],
  [
    'the Graph version has ended (2635)',
    answered(400, 2635, undefined, 'You are calling a deprecated version'),
    'CONFIG',
  ],
  [
    'too many calls (4, 17, 32, 613, 80007, 429)',
    answered(400, 613, undefined, 'Calls to this api have exceeded the rate limit'),
    'RATE_LIMITED',
  ],
  [
    'Meta has a fault of its own (1, 2, 5xx)',
    answered(503, 2, undefined, 'Service temporarily unavailable'),
    'TRANSIENT',
  ],
  ['Meta does not answer', new GraphSilence('connect ECONNREFUSED', false), 'TRANSIENT'],
  [
    'a parameter is wrong (100)',
    answered(400, 100, undefined, 'Length of param message[text] must be less'),
    'BAD_PAYLOAD',
  ],
];

const DIRECT: readonly (readonly [string, Error, ErrorCode])[] = [
  [
    'outside the reply window (10/2018278, 10/2534022)',
    answered(400, 10, 2018278, 'This message is sent outside of allowed window'),
    'UNSUPPORTED',
  ],
  [
    'the person cannot be reached (551)',
    answered(400, 551, 1545041, "This person isn't available right now"),
    'UNSUPPORTED',
  ],
  [
    'the comment was answered privately before (10900)',
    answered(400, 10900, undefined, 'Activity already replied to'),
    'UNSUPPORTED',
  ],
];

const WHATSAPP: readonly (readonly [string, Error, ErrorCode])[] = [
  [
    'more than 24 hours since the customer wrote (131047)',
    answered(400, 131047, undefined, 'Re-engagement message'),
    'UNSUPPORTED',
  ],
  [
    'undeliverable: no WhatsApp there (131026)',
    answered(400, 131026, undefined, 'Message undeliverable'),
    'UNSUPPORTED',
  ],
  [
    'the template does not exist, is paused, or has other gaps (132000…132016)',
    answered(404, 132001, undefined, 'Template name does not exist in the translation'),
    'BAD_PAYLOAD',
  ],
  [
    'the number is not registered or the account is locked (133010, 131031)',
    answered(400, 133010, undefined, 'Phone number not registered'),
    'PERMISSION',
  ],
  [
    'too many messages to one customer (131056)',
    answered(400, 131056, undefined, 'Pair rate limit hit'),
    'RATE_LIMITED',
  ],
];

/** The error table of a channel of Meta's, for its contract.spec.ts and README. */
export function graphErrorCases(kind: 'direct' | 'whatsapp'): readonly ErrorCase[] {
  return [...CASES, ...(kind === 'direct' ? DIRECT : WHATSAPP)].map(([what, error, code]) => ({ what, error, code }));
}
