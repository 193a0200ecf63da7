import { createHash } from 'node:crypto';
import type { ErrorCode } from '@fanin/kernel';
import { FaninError, codeOf, messageOf } from '@fanin/kernel';
import type { Bus, BusRecord } from '../port.js';
import type { DeadLetter } from '../settle/dead-letter.js';
import {
  DEAD_LETTER_PREFIX,
  deadLetterTopicOf,
  fromDeadLetter,
  isByReference,
  toRedriven,
} from '../settle/dead-letter.js';

export interface RedriveOptions {
  /** The topic whose dead letters go back to it. */
  readonly topic: string;
  /** Only letters with this code. */
  readonly code?: ErrorCode;
  /** Only letters whose reason contains this. */
  readonly reason?: string;
  /** Only letters of this consumer group. */
  readonly group?: string;
  /** At most this many are put back (default: all that are there when the command starts). */
  readonly limit?: number;
  /** Look at what would be put back, and change nothing. */
  readonly dryRun?: boolean;
  /** Called for every letter that is (or would be) put back. */
  readonly onLetter?: (letter: DeadLetter, record: BusRecord) => void;
  /** Called for every letter that cannot be put back. */
  readonly onRefused?: (record: BusRecord, reason: string) => void;
}

export interface RedriveReport {
  readonly redriven: number;
  /** Letters that another filter would take. */
  readonly skipped: number;
  /** Copies of letters that were put back. */
  readonly repeated: number;
  /** Letters that the log does not take back, or whose bytes are gone. */
  readonly refused: number;
}

const PAGE = 100;
const CHANGING = new Set(['first-at', 'last-at', 'attempts'].map((name) => DEAD_LETTER_PREFIX + name));
const TIMEOUT_MS = 15_000;

/**
 * A filter has a group of its own, whose committed position says how far it came: running the same command twice puts
 * nothing back twice, and what a filter skipped stays there for another. A crash between putting back and committing
 * repeats one page, which the reader's unique keys turn into duplicates.
 */
export function redriveGroup(options: Pick<RedriveOptions, 'code' | 'reason' | 'group'>): string {
  const filter = [options.code, options.reason, options.group];
  if (filter.every((part) => part === undefined)) return 'fanin.redrive';
  const hash = createHash('sha256').update(JSON.stringify(filter.map((part) => part ?? null)));
  return `fanin.redrive.${hash.digest('hex').slice(0, 12)}`;
}

function matches(letter: DeadLetter, options: RedriveOptions): boolean {
  if (options.code !== undefined && letter.code !== options.code) return false;
  if (options.group !== undefined && letter.group !== options.group) return false;
  return options.reason === undefined || letter.reason.includes(options.reason);
}

/** Puts dead letters back on the topic they came from, with their original key, bytes and headers. */
export async function redrive(bus: Bus, options: RedriveOptions): Promise<RedriveReport> {
  const source = deadLetterTopicOf(options.topic);
  const group = redriveGroup(options);
  const sorter = new LetterSorter(options);
  let refused = 0;
  for (const position of await bus.positions(source, group)) {
    let offset = position.committed ?? position.earliest;
    while (!sorter.isDone && offset < position.end) {
      const page = await bus.read(source, position.partition, { fromOffset: offset, limit: PAGE });
      // What came in since the start may be what we have just put back and what failed again: not now.
      const { taken, next } = sorter.sort(page.filter((record) => record.offset < position.end));
      if (next === undefined) break;
      offset = next;
      if (options.dryRun === true) continue;
      refused += await putBack(bus, options, taken);
      await bus.seek(source, group, { partition: position.partition, offset });
    }
  }
  const { taken, skipped, repeated } = sorter;
  return { redriven: taken - refused, skipped, repeated, refused };
}

/** Decides letter by letter, and counts. */
class LetterSorter {
  taken = 0;
  skipped = 0;
  repeated = 0;
  private readonly seen = new Set<string>();
  private readonly limit: number;

  constructor(private readonly options: RedriveOptions) {
    this.limit = options.limit ?? Infinity;
  }

  get isDone(): boolean {
    return this.taken >= this.limit;
  }

  /** Those to put back, and the offset behind the last one looked at; undefined when none was. */
  sort(page: readonly BusRecord[]): { readonly taken: readonly BusRecord[]; readonly next: bigint | undefined } {
    const taken: BusRecord[] = [];
    let next: bigint | undefined;
    for (const record of page) {
      if (this.isDone) break;
      next = record.offset + 1n;
      const letter = fromDeadLetter(record);
      if (letter === undefined || !matches(letter, this.options)) this.skipped += 1;
      else if (this.isRepeated(record)) this.repeated += 1;
      else {
        taken.push(record);
        this.taken += 1;
        this.options.onLetter?.(letter, record);
      }
    }
    return { taken, next };
  }

  private isRepeated(record: BusRecord): boolean {
    const letter = letterId(record);
    if (this.seen.has(letter)) return true;
    this.seen.add(letter);
    return false;
  }
}

/**
 * A consumer that dies between its letter and its commit writes the letter again: the same but for its times. A record may
 * also have several letters, which differ in other headers.
 */
function letterId({ headers }: BusRecord): string {
  const lasting = Object.entries(headers).filter(([name]) => !CHANGING.has(name));
  return createHash('sha256').update(JSON.stringify(lasting.sort())).digest('base64');
}

/** Resolves to how many cannot be put back; they stay where they are, and the others are not kept waiting for them. */
async function putBack(bus: Bus, options: RedriveOptions, records: readonly BusRecord[]): Promise<number> {
  if (records.length === 0) return 0;
  const { topic } = options;
  if (!records.some(isByReference)) {
    try {
      await bus.publish(topic, records.map(toRedriven), { timeoutMs: TIMEOUT_MS });
      return 0;
    } catch (error) {
      if (codeOf(error) !== 'BAD_PAYLOAD') throw error;
    }
  }
  let refused = 0;
  for (const record of records) {
    try {
      await bus.publish(topic, [toRedriven(await withBytes(bus, record))], { timeoutMs: TIMEOUT_MS });
    } catch (error) {
      if (codeOf(error) !== 'BAD_PAYLOAD') throw error;
      refused += 1;
      options.onRefused?.(record, messageOf(error));
    }
  }
  return refused;
}

/** The letter with the bytes and headers of the record that it stands for. */
async function withBytes(bus: Bus, record: BusRecord): Promise<BusRecord> {
  const letter = fromDeadLetter(record);
  if (letter === undefined || !isByReference(record)) return record;
  const { topic, partition, offset } = letter;
  const [original] = await bus.read(topic, partition, { fromOffset: offset, limit: 1 });
  if (original?.offset !== offset)
    throw new FaninError('BAD_PAYLOAD', `its bytes are no longer kept at ${topic} ${partition}/${offset}`);
  return { ...record, key: original.key, value: original.value, headers: { ...record.headers, ...original.headers } };
}
