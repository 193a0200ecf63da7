/**
 * npm run new-channel -- SLUG --capture webhook|poll|stream [--family email|phone|chat|social]
 *
 * Writes libs/channels/SLUG and nothing else. The same generator runs as `nx g`, see libs/workspace/generators.json.
 */
import { join, relative } from 'node:path';
import { parseArgs } from 'node:util';
import { FsTree, flushChanges } from 'nx/src/generators/tree';
import { newChannelGenerator, problemsOf } from '../src/generators/new-channel/generator.mjs';

const USAGE = 'npm run new-channel -- SLUG --capture webhook|poll|stream [--family email|phone|chat|social]';
const root = process.env.FANIN_WORKSPACE_ROOT ?? join(import.meta.dirname, '..', '..', '..');

const OPTIONS = { capture: { type: 'string' }, family: { type: 'string' }, help: { type: 'boolean', short: 'h' } };

/** Not strict: what the command line itself gets wrong is listed together with the rest. */
function wishes() {
  const { values, positionals, tokens } = parseArgs({
    allowPositionals: true,
    strict: false,
    tokens: true,
    options: OPTIONS,
  });
  if (values.help) {
    console.log(USAGE);
    process.exit(0);
  }
  const problems = tokens
    .filter(({ kind, name }) => kind === 'option' && !Object.hasOwn(OPTIONS, name))
    .map(({ rawName }) => `there is no option ${rawName}; there are --capture and --family, e.g. --capture webhook`);
  if (positionals.length > 1)
    problems.push(`one SLUG at a time, e.g. social-mastodon, but there are ${positionals.join(', ')}`);
  const asked = { slug: positionals[0], capture: values.capture, family: values.family };
  problems.push(...problemsOf(asked));
  if (problems.length > 0) throw new Error(problems.join('\n'));
  return asked;
}

try {
  const asked = wishes();
  const tree = new FsTree(root, false);
  await newChannelGenerator(tree, asked);
  const changes = tree.listChanges();
  flushChanges(root, changes);
  for (const change of changes) console.log(`written  ${relative(process.cwd(), join(root, change.path))}`);
  console.log(
    `\nNext: npm run conformance -- ${asked.slug}   (its failing lines are the to-do list; docs/adding-a-channel.md)`,
  );
} catch (error) {
  console.error(`${error.message}\n\nUsage: ${USAGE}`);
  process.exitCode = 1;
}
