/**
 * npm run new-channel -- SLUG --capture webhook|poll|stream [--family email|phone|chat|social]
 *
 * Writes libs/channels/SLUG and nothing else. The same generator runs as `nx g`, see libs/workspace/generators.json.
 */
import { join, relative } from 'node:path';
import { parseArgs } from 'node:util';
import { FsTree, flushChanges } from 'nx/src/generators/tree';
import { newChannelGenerator } from '../src/generators/new-channel/generator.mjs';

const USAGE = 'npm run new-channel -- SLUG --capture webhook|poll|stream [--family email|phone|chat|social]';
const root = process.env.FANIN_WORKSPACE_ROOT ?? join(import.meta.dirname, '..', '..', '..');

function wishes() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { capture: { type: 'string' }, family: { type: 'string' }, help: { type: 'boolean', short: 'h' } },
  });
  if (values.help) {
    console.log(USAGE);
    process.exit(0);
  }
  if (positionals.length > 1) throw new Error(`one SLUG at a time, got ${positionals.join(', ')}`);
  return { slug: positionals[0], capture: values.capture, family: values.family };
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
