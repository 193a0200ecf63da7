import { FaninError } from '@fanin/kernel';

export interface ConfigProblem {
  /** e.g. `accounts[0].config.port`; empty for the file as a whole. */
  readonly path: string;
  readonly message: string;
  readonly example?: unknown;
  /** Line of the file, where it is known. */
  readonly line?: number;
  /** With `excerpt`, for what is wrong in the text itself: the place, and the line as it stands in the file. */
  readonly column?: number;
  readonly excerpt?: string;
}

/** Everything that is wrong with a configuration, at once. */
export class ConfigError extends FaninError {
  constructor(
    readonly source: string,
    readonly problems: readonly ConfigProblem[],
  ) {
    const count = problems.length === 1 ? 'one problem' : `${problems.length} problems`;
    super('CONFIG', [`${source} has ${count}:`, ...problems.map((problem) => `  - ${textOf(problem)}`)].join('\n'));
    this.name = 'ConfigError';
  }
}

function textOf({ path, message, example, line, column, excerpt }: ConfigProblem): string {
  if (line !== undefined && column !== undefined && excerpt !== undefined) {
    // Tabs kept, so that the mark stands below its character.
    const indent = excerpt.slice(0, column - 1).replace(/[^\t]/g, ' ');
    return `line ${line}, column ${column}: ${message}\n      ${excerpt}\n      ${indent}^`;
  }
  const where = path === '' ? 'the file' : path;
  const at = line === undefined ? '' : ` (line ${line})`;
  const right = example === undefined ? '' : `, for example ${JSON.stringify(example)}`;
  return `${where}${at} ${message}${right}`;
}
