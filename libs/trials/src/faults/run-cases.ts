import { join } from 'node:path';
import type { FaultCase, Form, Stage } from './case.js';
import { isRed } from './report.js';
import { runCase, type CaseOptions, type CaseReport } from './run-case.js';
import { startStage } from './stage.js';

export interface CasesOptions extends Omit<CaseOptions, 'seconds'> {
  readonly form: Form;
  readonly cases: readonly FaultCase[];
  /** Of the whole run, shared out among the cases; default: each case's own short time. */
  readonly minutes?: number;
  /** Where logs of a red case are kept. */
  readonly logs: string;
  readonly say: (line: string) => void;
}

/** Cases that need the same system share one, as long as all is well; after a red one the next begins on a fresh system. */
export async function runCases(options: CasesOptions): Promise<readonly CaseReport[]> {
  const { form, cases, minutes, say } = options;
  const seconds = minutes === undefined ? undefined : Math.max(5, (minutes * 60) / cases.length);
  const reports: CaseReport[] = [];
  let stage: Stage | undefined;
  let below: string | undefined;
  const leave = async (): Promise<void> => {
    await stage?.stop();
    stage = undefined;
  };
  try {
    for (const fault of cases) {
      const { brokers = 1, smallDisk = false } = fault;
      const wanted = `${form}${form === 'cluster' ? `, ${brokers} broker(s)` : ''}${smallDisk ? ', a small disk' : ''}`;
      if (stage !== undefined && below !== wanted) await leave();
      below = wanted;
      if (stage === undefined) say(`starting a system (${wanted})`);
      stage ??= await startStage({ form, brokers, smallDisk });
      const report = await runCase(stage, fault, {
        ...options,
        ...(seconds === undefined ? {} : { seconds }),
      });
      reports.push(report);
      const { acknowledged = 0, stored = 0 } = report.verdict ?? {};
      say(
        `${fault.name}: ${isRed(report) ? 'RED' : 'ok'}, ${acknowledged} acknowledged, ${stored} stored, ${report.notes.join('; ')}`,
      );
      for (const problem of report.problems) say(`  ${problem}`);
      if (!isRed(report)) continue;
      const folder = join(options.logs, `${form}-${fault.name}-${options.seed}`);
      stage.saveLogs(folder);
      say(`  logs: ${folder}`);
      await leave();
    }
  } finally {
    await leave();
  }
  return reports;
}
