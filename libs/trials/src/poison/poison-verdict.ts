import type { BusRecord, DeadLetter } from '@fanin/bus';
import type { Stored } from './poison-evidence.js';
import type { Bad } from './run-poison.js';

export interface PoisonEvidence {
  readonly bad: readonly Bad[];
  /** Lag 0 and nothing waiting to be published, in time. */
  readonly isAtRest: boolean;
  readonly letters: readonly {
    readonly record: BusRecord;
    readonly letter: DeadLetter | undefined;
    readonly byReference: boolean;
  }[];
  /** Ids of the good messages of the poisoned run. */
  readonly neighbours: readonly string[];
  readonly storedBefore: readonly Stored[];
  readonly storedAfter: readonly Stored[];
  /** Message ids, one for each event that tells of a new message. */
  readonly events: readonly string[];
  readonly fates: ReadonlyMap<string, readonly string[]>;
  /** What each re-drive put back: the first, the same again, one by force. */
  readonly redriven: readonly number[];
  readonly calmP99Ms: number;
  readonly neighboursP99Ms: number;
}

export interface PoisonVerdict {
  readonly bad: number;
  readonly deadLetters: number;
  /** Good messages that are not stored, before the re-drive. */
  readonly lost: number;
  readonly doubled: number;
  readonly outOfOrder: number;
  readonly redriven: readonly number[];
  /** Bad ones that are stored once after all re-drives. */
  readonly through: number;
  readonly calmP99Ms: number;
  readonly neighboursP99Ms: number;
  /** What is wrong, a line each, the first few of each kind. Times are not judged here. */
  readonly problems: readonly string[];
}

const LINES_OF_A_KIND = 5;

/** Pure, as the verdict on whole systems is. */
export function judgePoison(evidence: PoisonEvidence): PoisonVerdict {
  const problems: string[] = [];
  const tell = (what: string, lines: readonly string[]): number => {
    for (const line of lines.slice(0, LINES_OF_A_KIND)) problems.push(`${what}: ${line}`);
    if (lines.length > LINES_OF_A_KIND) problems.push(`${what}: … ${lines.length} in all`);
    return lines.length;
  };
  const { bad, letters, redriven, storedBefore, storedAfter } = evidence;
  if (!evidence.isAtRest) problems.push('not at rest: there is a lag, or the outbox is not empty');
  if (letters.length !== bad.length) problems.push(`dead letters: ${letters.length}, and ${bad.length} were bad`);
  tell('dead letter', letterFaults(evidence));
  const before = countsOf(storedBefore);
  const after = countsOf(storedAfter);
  const through = bad.filter(({ id }) => after.get(id) === 1);
  tell(
    'not through',
    bad.filter((one) => !through.includes(one)).map(({ id, kind }) => `${id} (${kind.name})`),
  );
  const expected = [bad.length, 0, bad.length].join();
  if (redriven.join() !== expected) problems.push(`re-driven ${redriven.join()}, wanted ${expected}`);
  tell(
    'event',
    [...countsOf(evidence.events.map((id) => ({ id })))].flatMap(([id, n]) => (n > 1 ? [`${id} ${n} times`] : [])),
  );
  tell('fates', fateFaults(evidence));
  return {
    bad: bad.length,
    deadLetters: letters.length,
    lost: tell(
      'lost',
      evidence.neighbours.filter((id) => !before.has(id)),
    ),
    doubled: tell(
      'doubled',
      [...after].flatMap(([id, n]) => (n > 1 ? [`${id} ${n} times`] : [])),
    ),
    outOfOrder: tell('out of order', orderFaults(storedBefore)),
    redriven,
    through: through.length,
    calmP99Ms: evidence.calmP99Ms,
    neighboursP99Ms: evidence.neighboursP99Ms,
    problems,
  };
}

function countsOf(rows: readonly { readonly id: string }[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { id } of rows) counts.set(id, (counts.get(id) ?? 0) + 1);
  return counts;
}

/** Each bad record has one letter: its bytes, its code and step, a reason, and where it came from. */
function letterFaults({ bad, letters }: PoisonEvidence): string[] {
  const byId = new Map(letters.map((each) => [each.record.headers['ce_id'], each]));
  const faults = bad.flatMap(({ id, kind, sent }) => {
    const found = byId.get(sent.headers['ce_id']);
    const letter = found?.letter;
    if (found === undefined || letter === undefined) return [`${id} (${kind.name}) has none`];
    if (letter.code !== kind.code || letter.step !== kind.step)
      return [`${id} (${kind.name}) says ${letter.code} at ${letter.step}`];
    if (letter.reason === '') return [`${id} (${kind.name}) has no reason`];
    const isWhole = !found.byReference && found.record.value?.equals(sent.value) === true;
    return isWhole && found.record.key === sent.key ? [] : [`${id} (${kind.name}) does not hold what was sent`];
  });
  const wanted = new Set(bad.map(({ sent }) => sent.headers['ce_id']));
  for (const { record, letter } of letters)
    if (!wanted.has(record.headers['ce_id'])) faults.push(`${record.headers['ce_id']} was good: ${letter?.reason}`);
  return faults;
}

/** A conversation is one ticket, and its messages stand in the order in which they were sent. */
function orderFaults(stored: readonly Stored[]): string[] {
  const numberOf = ({ id }: Stored): number => Number(id.slice(id.lastIndexOf('m') + 1));
  const faults: string[] = [];
  const ticketOf = new Map<number, string>();
  for (const [index, row] of stored.entries()) {
    const conversation = Math.floor(numberOf(row) / 10);
    const ticket = ticketOf.get(conversation) ?? row.ticket;
    ticketOf.set(conversation, ticket);
    if (ticket !== row.ticket) faults.push(`${row.id} has a ticket of its own`);
    const before = stored[index - 1];
    if (before?.ticket === row.ticket && numberOf(before) >= numberOf(row))
      faults.push(`${before.id} before ${row.id}`);
  }
  return faults;
}

/** Every delivery ends accepted, told once; before that a bad one may have been dead-lettered. */
function fateFaults({ bad, neighbours, fates }: PoisonEvidence): string[] {
  const isBad = new Set(bad.map(({ id }) => id));
  return [...neighbours, ...isBad].flatMap((id) => {
    const told = fates.get(`d-${id}`) ?? [];
    const accepted = told.filter((fate) => fate === 'accepted').length;
    const rest = told.filter((fate) => fate !== 'accepted' && !(isBad.has(id) && fate === 'dead_lettered'));
    return accepted === 1 && rest.length === 0 && told.at(-1) === 'accepted'
      ? []
      : [`d-${id}: ${told.join(', ') || 'none'}`];
  });
}
