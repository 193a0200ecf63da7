import { err, ok, type Result } from '@fanin/kernel';
import { isUtcTime } from '@fanin/contracts';
import { PROTOCOL_VERSION, type ClientFrame } from './protocol.js';

/** undefined: fine; otherwise what is wrong, in words that repeat nothing of the value. */
type Check = (value: unknown) => string | undefined;

const text =
  (maxChars: number, minChars = 0): Check =>
  (value) =>
    typeof value === 'string' && value.length >= minChars && value.length <= maxChars
      ? undefined
      : `must be a text of ${minChars} to ${maxChars} characters`;
const pattern =
  (expression: RegExp, words: string): Check =>
  (value) =>
    typeof value === 'string' && expression.test(value) ? undefined : `must be ${words}`;
const optional =
  (check: Check): Check =>
  (value) =>
    value === undefined ? undefined : check(value);
const orNull =
  (check: Check): Check =>
  (value) =>
    value === undefined || value === null ? undefined : check(value);
const position: Check = (value) =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
    ? undefined
    : 'must be an integer of 0 or more';
const version: Check = (value) => (value === PROTOCOL_VERSION ? undefined : `must be ${PROTOCOL_VERSION}`);
const time: Check = (value) =>
  typeof value === 'string' && isUtcTime(value)
    ? undefined
    : 'must be an ISO 8601 time in UTC, e.g. 2026-11-21T08:15:30.120Z';
const messageId = pattern(/^[A-Za-z0-9_-]{8,64}$/, '8 to 64 characters of A-Z a-z 0-9 _ - (a UUID)');

/** The text may be longer here than an account allows: that is answered by a nack, not by closing. */
const SHAPES: Readonly<Record<ClientFrame['type'], Readonly<Record<string, Check>>>> = {
  hello: {
    v: version,
    account_id: text(128, 1),
    token: orNull(text(200)),
    jwt: orNull(text(8_192)),
    conversation_id: orNull(text(64)),
    last_seq: position,
    name: orNull(text(100)),
    client: optional(text(100)),
    page: optional(text(500)),
  },
  message: {
    client_message_id: messageId,
    text: text(Number.MAX_SAFE_INTEGER),
    conversation_id: orNull(text(64)),
    sent_at: optional(time),
  },
  typing: {},
  pong: {},
  logout: {},
};

function isType(value: unknown): value is ClientFrame['type'] {
  return typeof value === 'string' && Object.hasOwn(SHAPES, value);
}

/** Closed: an unknown type, an unknown field or a wrong value is refused, with the field's name. */
export function parseFrame(json: string): Result<ClientFrame, string> {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    return err('the frame is not JSON');
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return err('the frame is not a JSON object');
  const frame = value as Record<string, unknown>;
  if (!isType(frame['type'])) return err(`type must be one of ${Object.keys(SHAPES).join(', ')}`);
  const shape = SHAPES[frame['type']];
  for (const name of Object.keys(frame)) {
    if (name !== 'type' && !Object.hasOwn(shape, name)) return err(`${frame['type']} has a field that does not exist`);
  }
  for (const [name, check] of Object.entries(shape)) {
    const wrong = check(Object.hasOwn(frame, name) ? frame[name] : undefined);
    if (wrong !== undefined) return err(`${frame['type']}.${name} ${wrong}`);
  }
  return ok(frame as unknown as ClientFrame);
}

/**
 * The text as it is shown and stored: well-formed Unicode, one kind of line end, no control characters (PostgreSQL holds
 * no NUL). The frame's own bytes are kept beside it.
 */
export function cleanText(raw: string): string {
  const wellFormed = Buffer.from(raw, 'utf8').toString('utf8');
  return wellFormed
    .replace(/\r\n?/g, '\n')
    .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/g, '\ufffd')
    .trim();
}
