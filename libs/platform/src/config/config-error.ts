import { FaninError } from '@fanin/kernel';

export interface ConfigProblem {
  /** e.g. `accounts[0].config.port`; empty for the file as a whole. */
  readonly path: string;
  readonly message: string;
  readonly example?: unknown;
  /** Line of the file, where it is known. */
  readonly line?: number;
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

function textOf({ path, message, example, line }: ConfigProblem): string {
  const where = path === '' ? 'the file' : path;
  const at = line === undefined ? '' : ` (line ${line})`;
  const right = example === undefined ? '' : `, for example ${JSON.stringify(example)}`;
  return `${where}${at} ${message}${right}`;
}
