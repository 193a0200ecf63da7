import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { StatementChange } from '@fanin/test-kit';
import { dist, type Environment, type Program } from '../../system/program.js';

/** For a process into which a module of this folder is loaded before its own. */
export function withLoaded(module: 'altered-statements' | 'patient-edges'): Environment {
  const file = pathToFileURL(join(dist, 'libs', 'trials', 'src', 'faults', 'controls', `${module}.js`)).href;
  return { NODE_OPTIONS: `--import=${file}` };
}

export function withStatements(changes: readonly StatementChange[]): Environment {
  return { ...withLoaded('altered-statements'), FANIN_TRIAL_STATEMENTS: JSON.stringify(changes) };
}

/** Throws unless the process ran each of the statements in its altered form: otherwise nothing was switched off. */
export function expectAltered({ output }: Program, changes: readonly StatementChange[]): void {
  const missed = changes.find(([of]) => !output.includes(`trial: without "${of}"`));
  if (missed !== undefined) throw new Error(`no statement held "${missed[0]}"`);
}
