import { untilArrived } from '../oracle/arrived.js';
import { untilQuiet } from '../oracle/quiet.js';
import type { Recorder } from '../oracle/recorder.js';
import { settledVerdict } from '../oracle/look.js';
import type { Verdict } from '../oracle/verdict.js';
import type { SystemUnderTest } from '../system/system.js';

const MAILBOX_LIMIT_MS = 60_000;
const QUIET_LIMIT_MS = 120_000;

/** The verdict of the faults on all that was handed in, once nothing moves any more. */
export async function judgeAtRest(system: SystemUnderTest, recorder: Recorder): Promise<Verdict> {
  // What was put into a mailbox was acknowledged by the mailbox: it is fetched in the turn of its account.
  await untilArrived(system, recorder.acknowledgedAt('imap'), MAILBOX_LIMIT_MS);
  await untilQuiet(system, { limitMs: QUIET_LIMIT_MS });
  return settledVerdict(system, recorder, QUIET_LIMIT_MS);
}

export function describeVerdict(verdict: Verdict): string {
  const { acknowledged, stored, lost, doubled, outOfOrder, deadLettered, sentTwice, notSent, problems } = verdict;
  const sums = `${lost} lost, ${doubled} doubled, ${outOfOrder} out of order, ${deadLettered} dead letters`;
  const replies = `${sentTwice} replies sent twice, ${notSent} not sent`;
  const agree = `fates ${verdict.fatesAddUp ? 'add up' : 'DO NOT add up'}, metrics ${verdict.metricsAgree ? 'agree' : 'DO NOT agree'}`;
  return [`${acknowledged} acknowledged, ${stored} stored: ${sums}, ${replies}, ${agree}`, ...problems].join('\n');
}
