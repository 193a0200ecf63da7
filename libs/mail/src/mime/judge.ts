import type { LeafPart } from './part.js';

/** Bodies up to this size are judged by "anything at all" only: boundaries and part headers outweigh their content. */
const SMALL_BODY = 4096;
const LEAST_YIELD = 0.1;

/** How many bytes of content a reading of the mail brought out. */
export function yieldOf(parts: readonly LeafPart[]): number {
  return parts.reduce((sum, part) => sum + part.content.length, 0);
}

/**
 * Whether what came out agrees with the bytes. A body that is not empty and yields nothing is a failed parse, not an empty
 * mail; so is a large body of which hardly anything comes out.
 */
export function agreesWithBytes(parts: readonly LeafPart[], body: Buffer): boolean {
  const found = yieldOf(parts);
  if (found === 0) return isBlank(body);
  return body.length <= SMALL_BODY || found >= body.length * LEAST_YIELD;
}

/** True when there is nothing a person could miss: white space, or only delimiters and headers of empty parts. */
function isBlank(body: Buffer): boolean {
  let at = 0;
  while (at < body.length && isSpace(body[at])) at += 1;
  if (at === body.length) return true;
  const lines = body.toString('latin1', 0, 64 * 1024).split(/\r?\n/u);
  if (body.length > 64 * 1024) return false;
  return lines.every(
    (line) =>
      line.trim() === '' ||
      /^--\S/u.test(line) ||
      /^(content|mime)-[a-z-]+:/iu.test(line) ||
      /^[ \t]+[a-z]+\*?=/iu.test(line),
  );
}

function isSpace(byte: number | undefined): boolean {
  return byte === 0x20 || byte === 0x09 || byte === 0x0a || byte === 0x0d;
}
