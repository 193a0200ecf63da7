import { createHash } from 'node:crypto';
import type { ErrorCode } from '@fanin/kernel';
import type { Bus, BusRecord } from '../port.js';
import type { DeadLetter } from '../settle/dead-letter.js';
import { deadLetterTopicOf, fromDeadLetter, toRedriven } from '../settle/dead-letter.js';

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
}

export interface RedriveReport {
  readonly redriven: number;
  /** Letters that another filter would take. */
  readonly skipped: number;
}

const PAGE = 100;
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
  let left = options.limit ?? Infinity;
  let skipped = 0;
  let redriven = 0;
  for (const position of await bus.positions(source, group)) {
    let offset = position.committed ?? position.earliest;
    while (left > 0 && offset < position.end) {
      const page = await bus.read(source, position.partition, { fromOffset: offset, limit: PAGE });
      const taken: BusRecord[] = [];
      let next = offset;
      for (const record of page) {
        // What came in since the start may be what we have just put back and what failed again: not now.
        if (record.offset >= position.end || left === 0) break;
        next = record.offset + 1n;
        const letter = fromDeadLetter(record);
        if (letter === undefined || !matches(letter, options)) {
          skipped += 1;
          continue;
        }
        taken.push(record);
        left -= 1;
        options.onLetter?.(letter, record);
      }
      if (next === offset) break;
      offset = next;
      redriven += taken.length;
      if (options.dryRun === true) continue;
      if (taken.length > 0) await bus.publish(options.topic, taken.map(toRedriven), { timeoutMs: TIMEOUT_MS });
      await bus.seek(source, group, { partition: position.partition, offset });
    }
  }
  return { redriven, skipped };
}
