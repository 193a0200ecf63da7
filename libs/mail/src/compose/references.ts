/** A References field stays below the 998 octets of a line (RFC 5322 §2.1.1) even for receivers that unfold it. */
const MAX_LENGTH = 900;

/**
 * References of an answer (RFC 5322 §3.6.4): those of the parent and the parent's own id. When it grows too long the root
 * and the last ones are kept: the root is the conversation's key, the last ones are what mail programs look up.
 */
export function buildReferences(parentReferences: readonly string[], parentId: string | undefined): string[] {
  const all = [...new Set([...parentReferences, ...(parentId === undefined ? [] : [parentId])])];
  const [root, ...rest] = all;
  if (root === undefined) return [];
  if (rest.length === 0) return root.length <= MAX_LENGTH ? [root] : [];
  let room = MAX_LENGTH - root.length - 1;
  const kept: string[] = [];
  for (const id of rest.toReversed()) {
    room -= id.length + 1;
    if (room < 0) break;
    kept.unshift(id);
  }
  return [root, ...kept];
}

const HAS_REPLY_PREFIX =
  /^\s*\[?(?:re|aw|antw|sv|vs|rif|odp|ynt|ref|回复|回覆|答复|回信|返信|답장|ответ)(?:\[\d{1,3}\]|\(\d{1,3}\))?\s?[:：]/iu;

/** `Order` → `Re: Order`; what has such a prefix already, in any of the usual languages, stays as it is. */
export function replySubject(subject: string): string {
  return HAS_REPLY_PREFIX.test(subject) ? subject : `Re: ${subject}`.trimEnd();
}
