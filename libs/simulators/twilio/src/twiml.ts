/** An element of a TwiML document; `text` is its own text without that of its children. */
export interface TwimlElement {
  name: string;
  attributes: Record<string, string>;
  children: TwimlElement[];
  text: string;
}

/** The document is no well-formed XML or no `<Response>` (Twilio's error 12100). */
export class TwimlError extends Error {}

const ENTITIES: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };
const TOKEN =
  /<!--[\s\S]*?-->|<!\[CDATA\[([\s\S]*?)\]\]>|<\?[\s\S]*?\?>|<\/([\w:.-]+)\s*>|<([\w:.-]+)((?:\s+[\w:.-]+\s*=\s*(?:"[^"<]*"|'[^'<]*'))*)\s*(\/?)>|([^<]+)/y;

/** The verbs of a document. Only the part of XML that TwiML uses: no DTD, no namespaces. */
export function parseTwiml(source: string): TwimlElement[] {
  const root: TwimlElement = { name: '', attributes: {}, children: [], text: '' };
  const open: TwimlElement[] = [root];
  const text = source.replace(/^\uFEFF/, '').trim();
  let at = 0;
  while (at < text.length) {
    TOKEN.lastIndex = at;
    const token = TOKEN.exec(text);
    if (token === null) throw new TwimlError(`not XML at character ${at}: ${text.slice(at, at + 30)}`);
    at = TOKEN.lastIndex;
    take(open, token);
  }
  if (open.length > 1) throw new TwimlError(`<${open.at(-1)?.name}> is not closed`);
  const [response] = root.children;
  if (response?.name !== 'Response' || root.children.length > 1 || root.text.trim() !== '') {
    throw new TwimlError('the document is not one <Response>');
  }
  return response.children;
}

function take(open: TwimlElement[], token: RegExpExecArray): void {
  const [, cdata, closing, opening, attributes, empty, text] = token;
  const current = open.at(-1);
  if (current === undefined) throw new TwimlError('text behind the document');
  if (cdata !== undefined) current.text += cdata;
  else if (text !== undefined) current.text += decode(text);
  else if (closing !== undefined) {
    if (current.name !== closing || open.length === 1) throw new TwimlError(`</${closing}> closes nothing`);
    open.pop();
  } else if (opening !== undefined) {
    const element = { name: opening, attributes: attributesOf(attributes ?? ''), children: [], text: '' };
    current.children.push(element);
    if (empty !== '/') open.push(element);
  }
}

function attributesOf(source: string): Record<string, string> {
  const found: Record<string, string> = {};
  for (const [, name = '', double, single] of source.matchAll(/([\w:.-]+)\s*=\s*(?:"([^"]*)"|'([^']*)')/g)) {
    if (name in found) throw new TwimlError(`attribute ${name} twice`);
    found[name] = decode(double ?? single ?? '');
  }
  return found;
}

function decode(text: string): string {
  return text.replace(/&([^;\s&]*;?)/g, (all, entity: string) => {
    const name = entity.endsWith(';') ? entity.slice(0, -1) : '';
    const known = ENTITIES[name];
    if (known !== undefined) return known;
    const code = /^#(?:x([0-9a-f]+)|(\d+))$/i.exec(name);
    if (code === null) throw new TwimlError(`"${all}" is no entity: write & as &amp;`);
    return String.fromCodePoint(code[1] === undefined ? Number(code[2]) : parseInt(code[1], 16));
  });
}
