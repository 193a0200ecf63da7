/**
 * npm test: installs and builds what is missing, runs everything that needs only npm, then the tier that needs a real
 * Kafka when Java and Maven (or KAFKA_BROKERS) are there, and says plainly what it ran and what it left out.
 *
 *   npm test                        all tiers
 *   npm test -- --only libs/mail    one project (any Jest path pattern), npm-only tier
 *   FANIN_KAFKA=required|off        fail where the Kafka tier would be skipped, or leave it out
 *
 * Ends with the names of what failed, and one line: N passed, N failed, N skipped.
 */
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { ensureInstalled } from './ensure-installed.mjs';

const root = join(import.meta.dirname, '..', '..', '..');
const args = process.argv.slice(2);
const only = args.includes('--only') ? args[args.indexOf('--only') + 1] : undefined;
const kafkaMode = process.env.FANIN_KAFKA ?? 'auto';

function has(command, ...probe) {
  return spawnSync(command, probe, { stdio: 'ignore' }).status === 0;
}

function kafkaAvailable() {
  if (process.env.KAFKA_BROKERS) return true;
  return has('java', '-version') && has('mvn', '--version');
}

/** Names behind which the list of failures is cut short: what a beforeAll breaks can be a hundred. */
const NAMED_FAILURES = 25;

/** What went wrong, without Jest's heading. */
function firstLine(text) {
  const lines = stripVTControlCharacters(text).split('\n');
  return (lines.map((line) => line.trim()).find((line) => line !== '' && !line.startsWith('●')) ?? '').slice(0, 200);
}

/** `file › test: first line of the message`, of a report of Jest's. */
function failuresIn(report) {
  return report.testResults.flatMap(({ name, status, message, assertionResults }) => {
    const file = relative(root, name);
    const failed = assertionResults.filter((one) => one.status === 'failed');
    if (failed.length === 0 && status === 'failed') return [`${file}: ${firstLine(message)}`];
    return failed.map((one) => `${file} › ${one.fullName}: ${firstLine(one.failureMessages[0] ?? '')}`);
  });
}

/** Runs Jest over the files that match and returns its counts. */
function jest(title, { patterns, ignore, workers, env }) {
  const folder = mkdtempSync(join(tmpdir(), 'fanin-jest-'));
  const report = join(folder, 'report.json');
  console.log(`\n── ${title} ──`);
  return new Promise((resolve) => {
    const child = spawn(
      process.execPath,
      [
        join(root, 'node_modules', 'jest', 'bin', 'jest.js'),
        '--json',
        `--outputFile=${report}`,
        `--maxWorkers=${workers}`,
        '--workerIdleMemoryLimit=1500MB',
        // Of the projects' settings Jest takes no time limit; two busy cores need a wide one.
        '--testTimeout=60000',
        '--passWithNoTests',
        '--testPathPatterns',
        ...patterns,
        ...(ignore.length > 0 ? ['--testPathIgnorePatterns', ...ignore] : []),
      ],
      {
        cwd: root,
        stdio: ['ignore', 'ignore', 'inherit'],
        env: {
          ...process.env,
          NODE_OPTIONS: '--experimental-vm-modules --disable-warning=ExperimentalWarning',
          ...env,
        },
      },
    );
    child.on('exit', (code) => {
      let counts = { passed: 0, failed: 1, skipped: 0, failures: [] };
      try {
        const result = JSON.parse(readFileSync(report, 'utf8'));
        counts = {
          passed: result.numPassedTests,
          failed: result.numFailedTests + result.numRuntimeErrorTestSuites,
          skipped: result.numPendingTests + result.numTodoTests,
          failures: failuresIn(result),
        };
        // A Jest that exits non-zero with no failed test (open handle, crash) is a failure all the same.
        if (code !== 0 && counts.failed === 0) {
          counts.failed = 1;
          counts.failures.push(`${title}: no test failed, but Jest ended with ${code}`);
        }
      } catch {
        counts.failures.push(`${title}: Jest left no report (exit code ${code})`);
      }
      rmSync(folder, { recursive: true, force: true });
      resolve(counts);
    });
  });
}

async function main() {
  await ensureInstalled();
  const { build } = await import('./build.mjs');
  await build({ onProgress: (line) => console.log(line) });

  const started = Date.now();
  const ran = [];
  const left = [];
  const failures = [];
  const total = { passed: 0, failed: 0, skipped: 0 };
  const run = async (title, options) => {
    const began = Date.now();
    const counts = await jest(title, options);
    for (const key of Object.keys(total)) total[key] += counts[key];
    failures.push(...counts.failures);
    ran.push(
      `${title}: ${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped in ${Math.round((Date.now() - began) / 1000)} s`,
    );
  };
  const workers = Math.max(1, Math.min(2, cpus().length));

  await run('npm only', {
    patterns: [only ?? '\\.spec\\.ts$'],
    ignore: ['\\.kafka\\.spec\\.ts$', '\\.e2e\\.spec\\.ts$', '/node_modules/', '/dist/'],
    workers,
    env: { FANIN_KAFKA: 'off' },
  });
  if (only === undefined) {
    // Whole systems mostly wait for each other, so both tiers go side by side: a third less time on two cores.
    const tiers = [
      run('whole system, embedded', {
        patterns: ['\\.e2e\\.spec\\.ts$'],
        ignore: ['\\.kafka\\.', '/node_modules/', '/dist/'],
        workers: 1,
        env: { FANIN_KAFKA: 'off' },
      }),
    ];
    if (kafkaMode !== 'off' && kafkaAvailable()) {
      tiers.push(
        run('real Kafka', {
          patterns: ['\\.kafka\\.(e2e\\.)?spec\\.ts$'],
          ignore: ['/node_modules/', '/dist/'],
          workers: 1,
          env: { FANIN_KAFKA: 'required' },
        }),
      );
    } else {
      left.push(
        kafkaMode === 'off'
          ? 'real Kafka: left out by FANIN_KAFKA=off'
          : 'real Kafka: left out, it needs Java 17 and Maven on the PATH (or KAFKA_BROKERS=host:port of a running one)',
      );
      if (kafkaMode === 'required') {
        failures.push(
          'FANIN_KAFKA=required, but neither Java with Maven nor KAFKA_BROKERS is here: install them or unset it.',
        );
        total.failed += 1;
      }
    }
    await Promise.all(tiers);
  }

  console.log(`\nRan in ${Math.round((Date.now() - started) / 1000)} s:`);
  for (const line of ran) console.log(`  ${line}`);
  for (const line of left) console.log(`  ${line}`);
  if (failures.length > 0) {
    console.log('Failed:');
    for (const line of failures.slice(0, NAMED_FAILURES)) console.log(`  ${line}`);
    const more = failures.length - NAMED_FAILURES;
    if (more > 0) console.log(`  and ${more} more: see above`);
  }
  console.log(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
  process.exitCode = total.failed > 0 || total.passed === 0 ? 1 : 0;
}

await main();
