import type { Verdict } from '../oracle/verdict.js';
import type { CaseReport } from './run-case.js';

const COLUMNS = [
  'case',
  'form',
  'acked',
  'stored',
  'lost',
  'doubled',
  'disorder',
  'dead',
  'sent 2x',
  'unsent',
  'fates',
  'metrics',
  'rest s',
];

export function isRed(report: Pick<CaseReport, 'problems'>): boolean {
  return report.problems.length > 0;
}

/** One line a case, then what was broken, then what is wrong. */
export function tableOf(reports: readonly CaseReport[]): string {
  const rows = reports.map(({ name, form, verdict, drainSeconds, problems }) => [
    `${problems.length > 0 ? 'RED ' : ''}${name}`,
    form,
    ...figuresOf(verdict),
    drainSeconds === undefined ? 'never' : drainSeconds.toFixed(1),
  ]);
  const widths = COLUMNS.map((title, index) => Math.max(title.length, ...rows.map((row) => row[index]?.length ?? 0)));
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, index) => (index < 2 ? cell.padEnd(widths[index] ?? 0) : cell.padStart(widths[index] ?? 0)))
      .join('  ');
  const notes = reports.flatMap(({ name, notes: own }) => (own.length === 0 ? [] : [`${name}: ${own.join('; ')}`]));
  const wrong = reports.flatMap(({ name, problems }) => problems.map((problem) => `RED ${name}: ${problem}`));
  return [line(COLUMNS), ...rows.map(line), '', ...notes, ...(wrong.length === 0 ? [] : ['', ...wrong])].join('\n');
}

function figuresOf(verdict: Verdict | undefined): string[] {
  if (verdict === undefined) return Array.from({ length: COLUMNS.length - 3 }, () => '-');
  const { acknowledged, stored, lost, doubled, outOfOrder, deadLettered, sentTwice, notSent } = verdict;
  const counts = [acknowledged, stored, lost, doubled, outOfOrder, deadLettered, sentTwice, notSent].map(String);
  return [...counts, verdict.fatesAddUp ? 'yes' : 'NO', verdict.metricsAgree ? 'yes' : 'NO'];
}
