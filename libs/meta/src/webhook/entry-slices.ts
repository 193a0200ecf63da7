const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPEN = new Set([0x7b, 0x5b]);
const CLOSE = new Set([0x7d, 0x5d]);
const COMMA = 0x2c;
const COLON = 0x3a;
const SPACE = new Set([0x20, 0x09, 0x0a, 0x0d]);

/** The place behind the closing quote of the string that opens at `from`. */
function endOfString(json: Buffer, from: number): number {
  for (let at = from + 1; at < json.length; at++) {
    if (json[at] === BACKSLASH) at += 1;
    else if (json[at] === QUOTE) return at + 1;
  }
  return json.length;
}

/** The place behind the value that begins at `from`. */
function endOfValue(json: Buffer, from: number): number {
  let depth = 0;
  for (let at = from; at < json.length;) {
    const byte = json[at] ?? 0;
    if (byte === QUOTE) {
      at = endOfString(json, at);
      if (depth === 0) return at;
      continue;
    }
    if (CLOSE.has(byte)) {
      if (depth === 0) return at;
      depth -= 1;
      if (depth === 0) return at + 1;
    } else if (OPEN.has(byte)) depth += 1;
    else if (depth === 0 && (byte === COMMA || SPACE.has(byte))) return at;
    at += 1;
  }
  return json.length;
}

function skip(json: Buffer, from: number): number {
  let at = from;
  while (SPACE.has(json[at] ?? 0) || json[at] === COMMA || json[at] === COLON) at += 1;
  return at;
}

/** The fields of an object, in order, each as the bytes that stand there. `json` is an object that JSON.parse has read. */
export function fieldSlices(json: Buffer): readonly (readonly [string, Buffer])[] {
  const found: [string, Buffer][] = [];
  for (let at = skip(json, json.indexOf(0x7b) + 1); json[at] === QUOTE;) {
    const keyEnd = endOfString(json, at);
    const from = skip(json, keyEnd);
    const to = endOfValue(json, from);
    found.push([JSON.parse(json.toString('utf8', at, keyEnd)) as string, json.subarray(from, to)]);
    at = skip(json, to);
  }
  return found;
}

/** The elements of the list under `name`, each as the bytes that stand there. The last such field counts, as for JSON.parse. */
export function elementSlices(json: Buffer, name: string): readonly Buffer[] {
  const list = fieldSlices(json).findLast(([key]) => key === name)?.[1];
  const found: Buffer[] = [];
  if (list === undefined) return found;
  for (let at = skip(list, 1); at < list.length && !CLOSE.has(list[at] ?? 0);) {
    const end = endOfValue(list, at);
    found.push(list.subarray(at, end));
    at = skip(list, end);
  }
  return found;
}

/** The object with the list under `name` narrowed to these elements; everything kept is byte for byte. */
export function withElements(json: Buffer, name: string, elements: readonly Buffer[]): Buffer {
  const list = Buffer.concat([Buffer.from('['), ...joined(elements), Buffer.from(']')]);
  const others = fieldSlices(json).filter(([key]) => key !== name);
  const fields = [...others, [name, list] as const].map(([key, value]) =>
    Buffer.concat([Buffer.from(`${JSON.stringify(key)}:`), value]),
  );
  return Buffer.concat([Buffer.from('{'), ...joined(fields), Buffer.from('}')]);
}

function joined(parts: readonly Buffer[]): Buffer[] {
  return parts.flatMap((part, index) => (index === 0 ? [part] : [Buffer.from(','), part]));
}
