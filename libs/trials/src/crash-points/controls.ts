import type pg from 'pg';
import type { Verdict } from '../oracle/verdict.js';
import type { CrashCase } from './cases.js';
import { runCrashCases, type CrashReport } from './run-cases.js';
import type { World } from './world.js';

/** A death behind which one safeguard is taken away: the verdict has to turn red. */
export interface CrashControl {
  readonly name: string;
  readonly without: string;
  readonly crash: CrashCase;
  readonly sabotage: (client: pg.Client) => Promise<unknown>;
  /** What must be worse than before. */
  readonly count: (verdict: Verdict) => number;
}

/** For the form in which the log is a table. All but the first leave a system that is never at rest again. */
export const CRASH_CONTROLS: readonly CrashControl[] = [
  {
    name: 'taken',
    without: 'a reply that was being sent is sent again, and nobody asks whether it went out',
    crash: { point: 'deliver.sent', part: 'email-connector', before: (world) => world.reply('mail') },
    sabotage: (client) =>
      client.query("UPDATE channels.outbound SET state = 'waiting', held_until = NULL WHERE state = 'sending'"),
    count: ({ sentTwice }) => sentTwice,
  },
  {
    name: 'outbox',
    without: 'what was to leave is marked as gone before it left',
    crash: { point: 'tickets.committed', part: 'ticket-core', before: (world) => world.mail() },
    sabotage: (client) => client.query('DELETE FROM platform.outbox'),
    count: ({ fatesAddUp }) => (fatesAddUp ? 0 : 1),
  },
  {
    name: 'duplicates',
    without: 'the key that decides duplicates is not that of the rows which are there',
    crash: { point: 'tickets.committed', part: 'ticket-core', before: (world) => world.mail() },
    sabotage: (client) =>
      client.query(
        "UPDATE tickets.messages SET id = 'lost-' || id WHERE direction = 'inbound' AND id NOT LIKE 'lost-%'",
      ),
    count: ({ doubled }) => doubled,
  },
  {
    name: 'offsets',
    without: 'an offset is committed before its transaction',
    crash: { point: 'tickets.half-written', part: 'ticket-core', before: (world) => world.mail() },
    sabotage: (client) =>
      client.query(`UPDATE bus.claim c SET position = p.next_offset FROM bus.partition p
        WHERE p.topic_id = c.topic_id AND p.partition = c.partition AND c.group_name LIKE '%.ticket-core.messages'`),
    count: ({ lost }) => lost,
  },
];

export interface ControlReport extends CrashReport {
  /** The verdict saw what was done. */
  readonly isSeen: boolean;
}

/** The first batch after a start may be one that came before and is only acknowledged again: nothing stands in its wake. */
const DEATHS = 3;

/** `before` is the verdict on the same system until now. Dies again when the sabotage found nothing to take away. */
export async function runCrashControl(
  world: World,
  { crash, sabotage, count }: CrashControl,
  before: Verdict,
  tell?: (line: string) => void,
): Promise<ControlReport> {
  for (let death = 1; ; death += 1) {
    const report = await runCrashCases(world, [crash], {
      limitMs: 15_000,
      whileDead: sabotage,
      ...(tell === undefined ? {} : { tell }),
    });
    const isReached = report.deaths.every((each) => each.isReached);
    const isSeen = isReached && count(report.verdict) > count(before);
    if (isSeen || death === DEATHS) return { ...report, isSeen };
  }
}
