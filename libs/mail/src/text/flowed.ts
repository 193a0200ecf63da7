/**
 * Joins the soft-broken lines of text/plain; format=flowed (RFC 3676): a line that ends in a space goes on in the next one
 * of the same quote depth; `-- ` is a signature line, not flowed; a space at the start is stuffing.
 */
export function unflow(text: string, deleteSpace: boolean): string {
  const out: string[] = [];
  let open: { depth: number; parts: string[] } | undefined;
  const close = (): void => {
    if (open !== undefined) out.push('>'.repeat(open.depth) + (open.depth > 0 ? ' ' : '') + open.parts.join(''));
    open = undefined;
  };
  for (const line of text.split('\n')) {
    let depth = 0;
    while (depth < line.length && line[depth] === '>') depth += 1;
    const body = line[depth] === ' ' ? line.slice(depth + 1) : line.slice(depth);
    const flows = body.endsWith(' ') && body !== '-- ';
    const content = flows && deleteSpace ? body.slice(0, -1) : body;
    if (open !== undefined && (open.depth !== depth || body === '-- ')) close();
    if (open === undefined) open = { depth, parts: [content] };
    else open.parts.push(content);
    if (!flows) close();
  }
  close();
  return out.map((line) => (/^>+ $/u.test(line) ? line.trimEnd() : line)).join('\n');
}
