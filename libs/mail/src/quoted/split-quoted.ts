import { attributionLength, isHeaderBlock, isSeparator, isStrongAttribution, type Patience } from './markers.js';

export interface SplitText {
  /** What the sender wrote now; the whole text when nothing new could be told apart. */
  readonly text: string;
  readonly quotedText: string;
}

export interface SplitHints {
  /** Where the sender's program marked the quotation, from the HTML. */
  readonly quoteAt?: number;
  /** Throws WantsTime rather than to look at a line with patterns that backtrack. */
  readonly isShort?: boolean;
}

const MAX_SECOND_OPINIONS = 40;
const QUOTE_LINE = /^\s{0,4}>/u;
const SIGNATURE =
  /^(?:--\s?|_{3,}\s?|sent from (?:my|mail|outlook)\b.*|(?:von|gesendet von) .{1,60}(?:gesendet)?|envoyé (?:de|depuis) .*|enviado (?:desde|do) .*|inviato da .*|verzonden vanaf .*|sendt fra .*|skickat från .*|отправлено с .*)$/iu;
const UNDERSCORES = /^\s{0,4}_{10,}\s*$/u;

/**
 * Splits a message into its new part and the quoted part. Nothing is thrown away: every line is in one of the two, in
 * order. Quotes between answers stay in the text, since the answers need them; a signature stays in the text unless it
 * stands behind the quotation. When everything seems quoted (a forwarded mail without a word), all of it is the text.
 */
export function splitQuoted(text: string, hints: SplitHints = {}): SplitText {
  const lines = text.split('\n');
  const start = hints.quoteAt === undefined ? undefined : lineAt(text, hints.quoteAt);
  const patience = { left: MAX_SECOND_OPINIONS, isShort: hints.isShort === true };
  const quoted = classifyLines(lines, start, patience);
  const fresh = lines.map((line, at) => !quoted[at] && line.trim() !== '');
  const first = fresh.indexOf(true);
  if (first === -1 || !quoted.includes(true)) return { text: trimEnds(text), quotedText: '' };
  const last = fresh.lastIndexOf(true);
  const quoteBefore = quoted.slice(0, first).includes(true);
  const answersBetween = quoted.slice(first, last).includes(true);
  return part(lines, quoteBefore && !answersBetween ? first : 0, last);
}

function part(lines: readonly string[], from: number, last: number): SplitText {
  const before = lines.slice(0, from).join('\n');
  const after = lines.slice(last + 1).join('\n');
  return {
    text: trimEnds(lines.slice(from, last + 1).join('\n')),
    quotedText: [trimEnds(before), trimEnds(after)].filter((piece) => piece !== '').join('\n\n'),
  };
}

function trimEnds(value: string): string {
  return value.replace(/^(?:[^\S\n]*\n)+/u, '').trimEnd();
}

function lineAt(text: string, offset: number): number {
  let count = 0;
  for (let at = text.indexOf('\n'); at !== -1 && at < offset; at = text.indexOf('\n', at + 1)) count += 1;
  return count;
}

/** Which lines are quoted: `>` lines with their attribution, and everything behind a separator that ends the new part. */
function classifyLines(lines: readonly string[], markedStart: number | undefined, seen: Patience): boolean[] {
  const quoted = new Array<boolean>(lines.length).fill(false);
  for (let at = 0; at < lines.length; at += 1) {
    const line = lines[at] ?? '';
    if (QUOTE_LINE.test(line)) {
      quoted[at] = true;
      continue;
    }
    if (at === markedStart || startsQuotedRest(lines, at)) return fillFrom(quoted, at);
    const length = attributionLength(lines, at, seen);
    if (length === 0) continue;
    const next = nextNonBlank(lines, at + length);
    if (next === -1) continue;
    if (QUOTE_LINE.test(lines[next] ?? '')) {
      quoted.fill(true, at, next);
      at = next - 1;
    } else if (isStrongAttribution(lines.slice(at, at + length))) return fillFrom(quoted, at);
  }
  return withTrailingSignature(lines, quoted);
}

/** A signature or a list's footer behind the last quotation belongs to it. */
function withTrailingSignature(lines: readonly string[], quoted: boolean[]): boolean[] {
  const lastQuote = quoted.lastIndexOf(true);
  if (lastQuote === -1) return quoted;
  const next = nextNonBlank(lines, lastQuote + 1);
  return next !== -1 && SIGNATURE.test((lines[next] ?? '').slice(0, 200)) ? fillFrom(quoted, next) : quoted;
}

function startsQuotedRest(lines: readonly string[], at: number): boolean {
  const line = lines[at] ?? '';
  if (isSeparator(line)) return true;
  if (UNDERSCORES.test(line)) {
    const next = nextNonBlank(lines, at + 1);
    return next !== -1 && next <= at + 3 && isHeaderBlock(lines, next);
  }
  return isHeaderBlock(lines, at);
}

function fillFrom(quoted: boolean[], at: number): boolean[] {
  return quoted.fill(true, at);
}

function nextNonBlank(lines: readonly string[], from: number): number {
  for (let at = from; at < lines.length; at += 1) if ((lines[at] ?? '').trim() !== '') return at;
  return -1;
}
