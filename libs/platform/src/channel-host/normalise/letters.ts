import { redrivesOf, toDeadLetter, type BusRecord, type OutgoingRecord } from '@fanin/bus';
import type { HostParts } from '../host-settings.js';
import type { Letter, Products } from './normalise-delivery.js';

/** On a dead letter of one entry, and on the delivery when it was put back for the sake of that entry. */
const PART_HEADER = 'x-fanin-part';

/** The entry for whose sake a delivery was put back; undefined for a delivery that came by itself. */
export function redrivenPart(record: Pick<BusRecord, 'headers'>): number | undefined {
  const part = record.headers[PART_HEADER];
  return part === undefined ? undefined : Number(part);
}

/**
 * What is left to be said of a delivery that was put back for one entry: the other rejected entries have letters of their
 * own, and their fates. The messages go out again, and are duplicates where they were there before.
 */
export function ofPart(made: Products, part: number | undefined): Products {
  if (part === undefined) return made;
  return {
    ...made,
    fates: made.fates
      .filter((fate) => fate.parts === 1 || fate.part === part)
      .map((fate) => (fate.parts === 1 ? { ...fate, part, parts: part + 1 } : fate)),
    letters: made.letters.filter((letter) => letter.part === part),
  };
}

/** The whole delivery under the reason of one entry. */
export function letterOf(record: BusRecord, letter: Letter, group: string, { clock }: HostParts): OutgoingRecord {
  const now = clock.now();
  const { topic, partition, offset } = record;
  return toDeadLetter(
    { ...record, headers: { ...record.headers, [PART_HEADER]: String(letter.part) } },
    {
      code: letter.code,
      reason: letter.reason,
      step: 'handle',
      attempts: 1,
      group,
      topic,
      partition,
      offset,
      firstAtMs: now,
      lastAtMs: now,
      redrives: redrivesOf(record),
    },
  );
}
