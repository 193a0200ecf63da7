import { MailParser } from 'mailparser';
import type { ParseLimits } from '../parsed-mail.js';
import { makePart, type Container, type LeafPart, type PartHeaders, type PartTree } from './part.js';

/** What mailparser 3.9.31 keeps of a node; pinned exactly, since these fields are not in its declared types. */
interface ParserNode {
  readonly headers: object;
  readonly headerLines: readonly { readonly key: string; readonly line: string }[] | false;
  readonly contentType: string | false;
  readonly children: readonly ParserNode[];
}

interface ParserInternals {
  textTypes: string[];
  tree: ParserNode | false;
  getTextContent: () => { type: 'text' };
}

interface AttachmentEvent {
  readonly type: string;
  readonly headers: object;
  readonly content: NodeJS.ReadableStream;
  release(): void;
}

/**
 * mailparser does the MIME structure and the transfer encodings. Its notion of text is switched off (no type counts as
 * text, so every leaf comes out as bytes): charsets, flowed text and the order of parts are decided here.
 */
export async function parseWithMailparser(
  raw: Buffer,
  limits: ParseLimits,
  hint: string | undefined,
): Promise<PartTree> {
  const options = {
    maxChildNodes: limits.maxParts,
    ignoreEmbedded: true,
    skipTextToHtml: true,
    skipImageLinks: true,
    keepDeliveryStatus: true,
    checksumAlgo: 'sha1',
  };
  const parser = new MailParser(options as ConstructorParameters<typeof MailParser>[0]);
  const internals = parser as unknown as ParserInternals;
  internals.textTypes = [];
  internals.getTextContent = () => ({ type: 'text' });
  const contents = new Map<object, Buffer>();
  const failure = await drain(parser, raw, contents);
  const { tree } = internals;
  if (tree === false) {
    if (failure !== undefined) throw failure;
    return { parts: [], cutShort: false };
  }
  const read = collect(tree, contents, limits, hint);
  if (failure === undefined) return read;
  if ((failure as { code?: unknown }).code !== 'EMAXLEN' || read.parts.length === 0) throw failure;
  return { ...read, cutShort: true };
}

function drain(parser: MailParser, raw: Buffer, contents: Map<object, Buffer>): Promise<Error | undefined> {
  return new Promise((resolve) => {
    let settled = false;
    const settle = (error?: Error): void => {
      if (settled) return;
      settled = true;
      resolve(error);
    };
    parser.on('error', settle);
    parser.on('end', () => settle());
    parser.on('data', (event: unknown) => {
      const attachment = event as AttachmentEvent;
      if (attachment.type !== 'attachment') return;
      const chunks: Buffer[] = [];
      attachment.content.on('data', (chunk: Buffer) => chunks.push(chunk));
      attachment.content.on('error', (error: Error) => settle(error));
      attachment.content.on('end', () => {
        contents.set(attachment.headers, Buffer.concat(chunks));
        attachment.release();
      });
    });
    parser.end(raw);
  });
}

/** Walks the tree with a stack of its own: a mail decides how deep it is. */
function collect(
  root: ParserNode,
  contents: ReadonlyMap<object, Buffer>,
  limits: ParseLimits,
  hint: string | undefined,
): PartTree {
  const parts: LeafPart[] = [];
  const stack: { node: ParserNode; ancestors: readonly Container[] }[] = [{ node: root, ancestors: [] }];
  let nextId = 1;
  let cutShort = false;
  for (let entry = stack.pop(); entry !== undefined; entry = stack.pop()) {
    const { node, ancestors } = entry;
    const subtype = /^multipart\/(.+)$/u.exec(node.contentType === false ? '' : node.contentType)?.[1];
    if (subtype === undefined) {
      const content = contents.get(node.headers);
      if (content !== undefined) parts.push(makePart(headersOf(node), content, ancestors, hint));
    }
    if (ancestors.length >= limits.maxDepth) {
      if (node.children.length > 0) cutShort = true;
      continue;
    }
    const inside = subtype === undefined ? ancestors : [...ancestors, { id: nextId++, subtype }];
    for (let at = node.children.length - 1; at >= 0; at -= 1) {
      const child = node.children[at];
      if (child !== undefined) stack.push({ node: child, ancestors: inside });
    }
  }
  return { parts: parts.slice(0, limits.maxParts), cutShort: cutShort || parts.length > limits.maxParts };
}

function headersOf(node: ParserNode): PartHeaders {
  const value = (key: string): string | undefined => {
    const line = node.headerLines === false ? undefined : node.headerLines.find((entry) => entry.key === key)?.line;
    return line === undefined ? undefined : line.slice(line.indexOf(':') + 1).trim();
  };
  return {
    contentType: value('content-type'),
    disposition: value('content-disposition'),
    contentId: value('content-id'),
  };
}
