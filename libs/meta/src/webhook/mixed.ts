/** As Meta writes both sides of a message, and a WhatsApp customer. Within a text the quotes are escaped, so words of customers never match. */
const SIDES = [/"(?:sender|recipient)":\{"id":"(\d+)"/g, /"(?:from|recipient_id)":"(\d+)"/g] as const;

/**
 * True when a body surely holds several conversations: three ids on two sides. Seen without reading the JSON, which costs a large
 * batch more than all else at the door; false says nothing.
 */
export function isSurelyMixed(body: Buffer): boolean {
  const text = body.toString('latin1');
  return SIDES.some((side) => {
    const ids = new Set<string>();
    for (const [, id = ''] of text.matchAll(side)) if (ids.add(id).size > 2) return true;
    return false;
  });
}
