import type { People, Person } from './people.js';
import { MENTION } from './posts.js';

export interface MentionAt {
  start: number;
  end: number;
  person: Person;
}

/** Known people in a text, with where they stand in code points (the @ included). */
export function mentionsIn(text: string, people: People): MentionAt[] {
  const found: MentionAt[] = [];
  for (const match of text.matchAll(MENTION)) {
    const person = people.byUsername(match[2] ?? '');
    if (person === undefined) continue;
    const start = [...text.slice(0, match.index + (match[1] ?? '').length)].length;
    found.push({ start, end: start + (match[2] ?? '').length + 1, person });
  }
  return found;
}

/** twitter-text's configuration v3: these ranges weigh 1, everything else 2; an address weighs 23. */
const LIGHT: readonly (readonly [number, number])[] = [
  [0, 4351],
  [8192, 8205],
  [8208, 8223],
  [8242, 8247],
];
const URL_WEIGHT = 23;

/** How long X finds a text to be. */
export function weightOf(text: string): number {
  let weight = 0;
  const rest = text.normalize('NFC').replace(/https?:\/\/\S+/g, () => {
    weight += URL_WEIGHT;
    return '';
  });
  for (const character of rest) {
    const point = character.codePointAt(0) ?? 0;
    weight += LIGHT.some(([from, to]) => point >= from && point <= to) ? 1 : 2;
  }
  return weight;
}
