import PostalMime from 'postal-mime';
import type { ParseLimits } from '../parsed-mail.js';
import { makePart, type Container, type LeafPart, type PartTree } from './part.js';

/** What postal-mime 4.0.0 keeps of a node; pinned exactly, since the tree is not in its declared types. */
interface ParserNode {
  readonly childNodes: readonly ParserNode[];
  readonly content: ArrayBuffer | null;
  readonly contentType: { readonly value: string; readonly multipart: string | false };
  readonly contentDisposition: { readonly value: string };
  readonly contentId?: string;
}

const DELIMITERS_PER_PART = 4;

/** postal-mime as second opinion: the same kind of leaves, charsets again decided by this library. */
export async function parseWithPostalMime(
  raw: Buffer,
  limits: ParseLimits,
  hint: string | undefined,
): Promise<PartTree> {
  const parser = new PostalMime({ rfc822Attachments: true, maxNestingDepth: limits.maxDepth });
  const bounded = boundedDelimiters(raw, limits.maxParts * DELIMITERS_PER_PART);
  await parser.parse(bounded);
  const { root } = parser as unknown as { root: ParserNode };
  const parts: LeafPart[] = [];
  const stack: { node: ParserNode; ancestors: readonly Container[] }[] = [{ node: root, ancestors: [] }];
  let nextId = 1;
  for (let entry = stack.pop(); entry !== undefined; entry = stack.pop()) {
    const { node, ancestors } = entry;
    const subtype = node.contentType.multipart;
    if (subtype === false) {
      const headers = {
        contentType: node.contentType.value,
        disposition: node.contentDisposition.value,
        contentId: node.contentId,
      };
      if (node.content !== null) parts.push(makePart(headers, Buffer.from(node.content), ancestors, hint));
    }
    const inside = subtype === false ? ancestors : [...ancestors, { id: nextId++, subtype }];
    for (const child of node.childNodes.toReversed()) stack.push({ node: child, ancestors: inside });
  }
  return {
    parts: parts.slice(0, limits.maxParts),
    cutShort: bounded.length < raw.length || parts.length > limits.maxParts,
  };
}

/** The parser has no limit on parts: the bytes end where more lines look like delimiters than any mail that is read whole has. */
function boundedDelimiters(raw: Buffer, most: number): Buffer {
  let at = raw.indexOf('\n--', 0, 'latin1');
  for (let count = 0; at !== -1; count += 1) {
    if (count > most) return raw.subarray(0, at);
    at = raw.indexOf('\n--', at + 3, 'latin1');
  }
  return raw;
}
