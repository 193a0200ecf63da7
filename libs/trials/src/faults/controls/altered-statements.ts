import { alterStatements, type StatementChange } from '@fanin/test-kit';

/**
 * Loaded into one process by `NODE_OPTIONS=--import=…`: its statements are changed as FANIN_TRIAL_STATEMENTS says, those of
 * others are not. Nothing of the product knows of it.
 */
const changes = JSON.parse(process.env['FANIN_TRIAL_STATEMENTS'] ?? '[]') as StatementChange[];
alterStatements(changes, (of) => process.stderr.write(`trial: without "${of}"\n`));
