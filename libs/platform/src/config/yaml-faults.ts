import type { LineCounter, ErrorCode, YAMLError } from 'yaml';
import type { ConfigProblem } from './config-error.js';

/** In the words of somebody who edits a file, not of somebody who writes a parser. */
const WORDS: Partial<Record<ErrorCode, string>> = {
  BAD_DQ_ESCAPE: 'this backslash means nothing between double quotes: write \\\\, or use single quotes',
  BAD_SCALAR_START: 'a value that begins with this character must stand in quotes',
  BLOCK_AS_IMPLICIT_KEY:
    'there are two "name: value" in one line: begin a new line, or put a value with ": " in quotes',
  BLOCK_IN_FLOW: 'between { } or [ ] the parts are separated by commas, not by lines with dashes or indentation',
  DUPLICATE_KEY: 'this name stands twice in the same section: remove one',
  MULTILINE_IMPLICIT_KEY: 'a name must be followed by a colon and a space in the same line',
  MULTIPLE_DOCS: 'a second document begins here: remove the line ---',
  TAB_AS_INDENT: 'the line is indented with a tab: use spaces',
  UNEXPECTED_TOKEN: 'this does not belong here: a bracket, a quote or a list entry too many, or a wrong indentation',
};

/** What keeps a text from being YAML; of faults in one line only the first, the others follow from it. */
export function yamlFaults(errors: readonly YAMLError[], text: string, lines: LineCounter): ConfigProblem[] {
  const faults = errors.map((error) => {
    const { line, col: column } = lines.linePos(Math.min(error.pos[0], text.trimEnd().length));
    return {
      path: '',
      message: wordsOf(error),
      line,
      column,
      excerpt: withoutSecrets((text.split(/\r?\n/)[line - 1] ?? '').trimEnd()),
    };
  });
  return faults.filter(({ line }, i) => faults.findIndex((other) => other.line === line) === i);
}

/** What stands behind a name that sounds like a secret, unless it is a reference: the excerpt is printed and logged. */
function withoutSecrets(line: string): string {
  return line.replace(/((?:password|secret|token|key|url)[\w-]*["']?\s*:\s*)(?!["']?\$\{).+$/iu, '$1…');
}

function wordsOf({ code, message }: YAMLError): string {
  if (code === 'BAD_INDENT') {
    const bracket = /end with a ([\]}])/.exec(message)?.[1];
    return bracket === undefined
      ? 'the line is indented differently from the others of its section: begin it in the same column'
      : `a closing ${bracket} is missing here or before, or the line must be indented further`;
  }
  if (code === 'MISSING_CHAR') {
    const missing = /Missing closing (["'])/.exec(message)?.[1];
    if (missing !== undefined) return `a quote ${missing} that was opened is not closed`;
  }
  return WORDS[code] ?? `this is not valid YAML: ${message}`;
}
