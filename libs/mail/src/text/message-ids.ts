import { createHash } from 'node:crypto';

/** Longest Message-ID that is kept as it is; longer ones are replaced by their hash (a line is at most 998, RFC 5322 §2.1.1). */
const MAX_ID = 500;
const MAX_REFERENCES = 100;
export const SYNTHESISED_DOMAIN = 'synthesised.invalid';

/** All `<left@right>` of a header, in order, without repeats; junk between them is passed over (RFC 5322 §3.6.4). */
export function parseMessageIds(value: string): string[] {
  const found = new Set<string>();
  for (const [token] of value.matchAll(/<[^<>]{1,2000}>/gu)) {
    const id = normaliseMessageId(token);
    if (id !== undefined) found.add(id);
  }
  if (found.size === 0 && !value.includes('<')) {
    for (const token of value.split(/[\s,;]+/u)) {
      const id = token.includes('@') ? normaliseMessageId(token) : undefined;
      if (id !== undefined) found.add(id);
    }
  }
  return [...found];
}

/** `<id>` with white space that folding left inside removed; undefined when there is nothing usable in it. */
export function normaliseMessageId(value: string): string | undefined {
  const inner = withoutMarks(value.replace(/[\s\p{Cc}\p{Cf}]+/gu, ''));
  if (inner.length < 3 || /[<>]/u.test(inner)) return undefined;
  return inner.length > MAX_ID ? `<sha256.${sha256Hex(Buffer.from(inner))}@long.invalid>` : `<${inner}>`;
}

/** Without brackets and quotes around it. By hand: as a pattern, a long row of quotes inside costs its length squared. */
function withoutMarks(value: string): string {
  let [start, end] = [0, value.length];
  while (start < end && `<"'`.includes(value[start] ?? ' ')) start += 1;
  while (end > start && `>"'`.includes(value[end - 1] ?? ' ')) end -= 1;
  return value.slice(start, end);
}

/** The References of a mail: the root is always kept, of very long chains the last ones with it. */
export function parseReferences(values: readonly string[]): string[] {
  const ids = [...new Set(values.flatMap(parseMessageIds))];
  const [root] = ids;
  return root === undefined || ids.length <= MAX_REFERENCES ? ids : [root, ...ids.slice(1 - MAX_REFERENCES)];
}

/** For a mail without a usable Message-ID: the same bytes make the same id, other bytes another one. */
export function synthesiseMessageId(raw: Buffer): string {
  return `<sha256.${sha256Hex(raw)}@${SYNTHESISED_DOMAIN}>`;
}

function sha256Hex(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}
