/**
 * npm run conformance -- SLUG [--update-fixtures] [--update-docs]
 * npm run conformance -- --all
 *
 * Runs the conformance suite of a channel. Every failing line says what to write. --update-fixtures writes what
 * `normalise` gives into the fixtures (read the diff); --update-docs writes the tables of the README.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs, stripVTControlCharacters } from 'node:util';

const USAGE = 'npm run conformance -- SLUG [--update-fixtures] [--update-docs], or --all in place of SLUG';
const MOST_LINES = 25;
const root = join(import.meta.dirname, '..', '..', '..');
const channels = join(root, 'libs', 'channels');

function channelFolders() {
  return readdirSync(channels)
    .filter((name) => existsSync(join(channels, name, 'src', 'contract.spec.ts')))
    .sort();
}

function runJest(slug, switches) {
  const folder = mkdtempSync(join(tmpdir(), 'fanin-conformance-'));
  const report = join(folder, 'report.json');
  try {
    const run = spawnSync(
      process.execPath,
      [
        '--experimental-vm-modules',
        '--disable-warning=ExperimentalWarning',
        join(root, 'node_modules', 'jest', 'bin', 'jest.js'),
        '--config',
        join(channels, slug, 'jest.config.mjs'),
        '--testPathPatterns',
        'contract\\.spec\\.ts$',
        '--runInBand',
        '--json',
        `--outputFile=${report}`,
        `--globals=${JSON.stringify({ FANIN_CONFORMANCE: switches })}`,
      ],
      { cwd: root, encoding: 'utf8' },
    );
    if (!existsSync(report)) throw new Error(`Jest did not run:\n${run.stderr}`);
    return JSON.parse(readFileSync(report, 'utf8'));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The message without stack frames and colours. */
function wordsOf(failure) {
  const lines = stripVTControlCharacters(failure)
    .replace(/^(Demand|Error): /, '')
    .split('\n')
    .filter((line) => !/^\s+at /.test(line));
  const shown = lines.join('\n').trimEnd().split('\n');
  return shown.length > MOST_LINES
    ? [...shown.slice(0, MOST_LINES), `… ${shown.length - MOST_LINES} lines more`]
    : shown;
}

function print(slug, result) {
  console.log(`\nchannel ${slug}`);
  let open = 0;
  for (const file of result.testResults) {
    if (file.assertionResults.length === 0 && file.message !== '') {
      open += 1;
      console.log(
        `  ✗ contract.spec.ts cannot be run\n${wordsOf(file.message)
          .map((line) => `      ${line}`)
          .join('\n')}`,
      );
    }
    for (const test of file.assertionResults) {
      if (test.status === 'passed') console.log(`  ✓ ${test.title}`);
      else {
        open += 1;
        console.log(`  ✗ ${test.title}`);
        for (const message of test.failureMessages) for (const line of wordsOf(message)) console.log(`      → ${line}`);
      }
    }
  }
  const total = result.numTotalTests;
  console.log(
    open === 0
      ? `\n${slug}: all ${total} checks hold`
      : `\n${slug}: ${open} of ${Math.max(total, open)} checks are open`,
  );
  return open === 0 && total > 0;
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    all: { type: 'boolean' },
    help: { type: 'boolean', short: 'h' },
    'update-fixtures': { type: 'boolean' },
    'update-docs': { type: 'boolean' },
  },
});
const wanted = values.all ? channelFolders() : positionals;
const unknown = wanted.filter((slug) => !existsSync(join(channels, slug, 'src', 'contract.spec.ts')));
if (values.help || wanted.length === 0 || unknown.length > 0) {
  for (const slug of unknown)
    console.error(
      `There is no libs/channels/${slug}/src/contract.spec.ts. Channels are: ${channelFolders().join(', ')}`,
    );
  console.log(`Usage: ${USAGE}`);
  process.exitCode = values.help ? 0 : 1;
} else {
  const switches = { updateFixtures: values['update-fixtures'] === true, updateDocs: values['update-docs'] === true };
  const held = wanted.map((slug) => print(slug, runJest(slug, switches)));
  process.exitCode = held.every(Boolean) ? 0 : 1;
}
