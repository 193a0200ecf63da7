import type { StoredMessage } from './evidence.js';
import type { Remembered } from './recorder.js';
import type { Story } from './recount/story.js';

export interface ChangeLines {
  readonly lost: readonly string[];
  readonly doubled: readonly string[];
  readonly disorder: readonly string[];
}

/** Where a change of the desk took hold: its mark is a tag of the ticket from that event on. */
interface Place {
  readonly ticket: string;
  readonly seq: number;
}

/** Every acknowledged change of a ticket is on the log once, behind the one before, and its note stands on the ticket once. */
export function changeLines(
  changes: readonly Remembered[],
  messages: readonly StoredMessage[],
  stories: ReadonlyMap<string, Story>,
): ChangeLines {
  const places = placesOf(stories);
  const notes = new Map<string, string[]>();
  for (const { mark, direction, ticket } of messages)
    if (direction === 'note') notes.set(mark, [...(notes.get(mark) ?? []), ticket]);
  const lines = { lost: [] as string[], doubled: [] as string[], disorder: [] as string[] };
  const before = new Map<string, Place>();
  for (const { one, state } of changes.toSorted((a, b) => a.one.n - b.one.n)) {
    const [place, ...more] = places.get(one.id) ?? [];
    const noted = notes.get(one.id) ?? [];
    if (state === 'acknowledged' && place === undefined) lines.lost.push(`change ${one.id}`);
    if (state === 'acknowledged' && noted.length === 0) lines.lost.push(`note ${one.id}`);
    if (more.length > 0) lines.doubled.push(`change ${one.id} is on the log ${more.length + 1} times`);
    if (noted.length > 1) lines.doubled.push(`note ${one.id} is there ${noted.length} times`);
    if (place === undefined) continue;
    if (noted.some((ticket) => ticket !== place.ticket)) lines.disorder.push(`note ${one.id} is on another ticket`);
    const last = before.get(one.conversation);
    if (last !== undefined && (last.ticket !== place.ticket || last.seq >= place.seq))
      lines.disorder.push(`${one.conversation}: change ${one.id} is not behind the one before`);
    before.set(one.conversation, place);
  }
  return lines;
}

function placesOf(stories: ReadonlyMap<string, Story>): ReadonlyMap<string, readonly Place[]> {
  const places = new Map<string, Place[]>();
  for (const [ticket, { moments }] of stories) {
    let tags: readonly string[] = [];
    for (const moment of moments) {
      for (const tag of moment.tags)
        if (!tags.includes(tag)) places.set(tag, [...(places.get(tag) ?? []), { ticket, seq: moment.seq }]);
      ({ tags } = moment);
    }
  }
  return places;
}
