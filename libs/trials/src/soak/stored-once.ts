import type { Recorder } from '../oracle/recorder.js';
import type { DatabaseWatch } from '../measure/database-watch.js';

export interface StoredOnce {
  readonly acknowledged: number;
  readonly lost: readonly string[];
  readonly doubled: readonly string[];
  /** Not acknowledged, and there all the same: their answer was lost on the way. */
  readonly unsureButStored: number;
}

const MARKS = `
  SELECT substring(text FROM '#([^#]+)#') AS id, count(*)::int AS times FROM tickets.messages
  WHERE direction = 'inbound' AND text LIKE '#%' GROUP BY 1`;

const MAILBOX_LIMIT_MS = 60_000;

/**
 * Every acknowledged message is stored, none twice. At rest only. What was put into a mailbox was acknowledged by the mailbox:
 * it is fetched in the turn of its account, which is waited for.
 */
export async function judgeStored(recorder: Recorder, watch: DatabaseWatch): Promise<StoredOnce> {
  const until = performance.now() + MAILBOX_LIMIT_MS;
  for (;;) {
    const judged = await judgeNow(recorder, watch);
    const onlyMailbox = judged.lost.length > 0 && judged.lost.every((each) => each.startsWith('imap '));
    if (!onlyMailbox || performance.now() > until) return judged;
    await new Promise((resolve) => setTimeout(resolve, 1_000));
  }
}

async function judgeNow(recorder: Recorder, watch: DatabaseWatch): Promise<StoredOnce> {
  const rows = await watch.rows<{ id: string; times: number }>(MARKS);
  const times = new Map(rows.map(({ id, times: count }) => [id, count]));
  const messages = recorder.messages().filter(({ one }) => one.door !== 'readers');
  const acknowledged = messages.filter(({ state }) => state === 'acknowledged');
  return {
    acknowledged: acknowledged.length,
    lost: acknowledged.filter(({ one }) => !times.has(one.id)).map(({ one }) => `${one.door} ${one.id}`),
    doubled: messages.filter(({ one }) => (times.get(one.id) ?? 0) > 1).map(({ one }) => `${one.door} ${one.id}`),
    unsureButStored: messages.filter(({ one, state }) => state !== 'acknowledged' && times.has(one.id)).length,
  };
}

export function isWhole({ lost, doubled }: StoredOnce): boolean {
  return lost.length === 0 && doubled.length === 0;
}

export function describeStored({ acknowledged, lost, doubled, unsureButStored }: StoredOnce): string {
  const some = (list: readonly string[]): string => (list.length === 0 ? '' : ` (${list.slice(0, 5).join(', ')})`);
  return (
    `${acknowledged} acknowledged, ${lost.length} lost${some(lost)}, ${doubled.length} stored twice${some(doubled)}; ` +
    `${unsureButStored} without an acknowledgement are stored as well`
  );
}
