import type { DatabaseWatch } from '../measure/database-watch.js';
import { untilQuiet } from '../oracle/quiet.js';
import type { Recorder } from '../oracle/recorder.js';
import { verdictOn } from '../oracle/look.js';
import type { Verdict } from '../oracle/verdict.js';
import type { SystemUnderTest } from '../system/system.js';

const FETCHED = `
  SELECT substring(text FROM '#([^#]+)#') AS mark FROM tickets.messages WHERE tenant || '/' || account_id = ANY ($1)`;

const MAILBOX_LIMIT_MS = 60_000;
const QUIET_LIMIT_MS = 120_000;

/** The verdict of the faults on all that was handed in, once nothing moves any more. */
export async function judgeAtRest(system: SystemUnderTest, recorder: Recorder, watch: DatabaseWatch): Promise<Verdict> {
  await untilFetched(recorder, watch);
  await untilQuiet(system, { limitMs: QUIET_LIMIT_MS });
  return verdictOn(system, recorder);
}

/** What was put into a mailbox was acknowledged by the mailbox: it is fetched in the turn of its account. */
async function untilFetched(recorder: Recorder, watch: DatabaseWatch): Promise<void> {
  const put = recorder.messages().filter(({ one, state }) => one.door === 'imap' && state === 'acknowledged');
  const accounts = [...new Set(put.map(({ one }) => one.account))];
  for (const until = performance.now() + MAILBOX_LIMIT_MS; performance.now() < until;) {
    const marks = new Set((await watch.rows<{ mark: string }>(FETCHED, [accounts])).map(({ mark }) => mark));
    if (put.every(({ one }) => marks.has(one.id))) return;
    await new Promise((resolve) => setTimeout(resolve, 1_000));
  }
}

export function describeVerdict(verdict: Verdict): string {
  const { acknowledged, stored, lost, doubled, outOfOrder, deadLettered, sentTwice, notSent, problems } = verdict;
  const sums = `${lost} lost, ${doubled} doubled, ${outOfOrder} out of order, ${deadLettered} dead letters`;
  const replies = `${sentTwice} replies sent twice, ${notSent} not sent`;
  const agree = `fates ${verdict.fatesAddUp ? 'add up' : 'DO NOT add up'}, metrics ${verdict.metricsAgree ? 'agree' : 'DO NOT agree'}`;
  return [`${acknowledged} acknowledged, ${stored} stored: ${sums}, ${replies}, ${agree}`, ...problems].join('\n');
}
