/** Deeper than any mail program nests; shared by everything that builds a tree of HTML. */
export const MAX_HTML_DEPTH = 500;

/** Tags that never nest without bound: void elements, and those an HTML parser closes by itself. */
const SELF_CLOSING = new Set(
  'area base br col embed hr img input link meta param source track wbr p li dt dd option tr td th thead tbody tfoot'.split(
    ' ',
  ),
);
const TAG = /<(\/?)([a-z][a-z0-9]{0,20})/giu;

/**
 * The part of the HTML before its elements nest deeper than allowed. Working on a tree is quadratic in its depth, and no
 * mail program nests by the thousand.
 */
export function cutNesting(html: string, maxDepth: number): string {
  let depth = 0;
  for (const match of html.matchAll(TAG)) {
    const [, slash, name = ''] = match;
    if (SELF_CLOSING.has(name.toLowerCase())) continue;
    depth = slash === '/' ? Math.max(0, depth - 1) : depth + 1;
    if (depth > maxDepth) return html.slice(0, match.index);
  }
  return html;
}
