/** Every link counts as the t.co link that X makes of it. */
const LINK_WEIGHT = 23;
const LINK = /https?:\/\/[^\s]+/giu;
const EMOJI = /\p{Extended_Pictographic}|\p{Regional_Indicator}{2}|[#*0-9]\uFE0F?\u20E3/u;
/** Ranges of code points that weigh one; everything else weighs two (twitter-text, configuration 3). */
const LIGHT: readonly (readonly [number, number])[] = [
  [0x0000, 0x10ff],
  [0x2000, 0x200d],
  [0x2010, 0x201f],
  [0x2032, 0x2037],
];

/** Length of a post as X counts it: https://docs.x.com/fundamentals/counting-characters */
export function weightOf(text: string): number {
  const normal = text.normalize('NFC');
  const links = normal.match(LINK) ?? [];
  const words = normal.replace(LINK, '');
  let weight = links.length * LINK_WEIGHT;
  for (const { segment } of new Intl.Segmenter('en', { granularity: 'grapheme' }).segment(words))
    weight += EMOJI.test(segment) ? 2 : weightOfSegment(segment);
  return weight;
}

function weightOfSegment(segment: string): number {
  let weight = 0;
  for (const character of segment) {
    const point = character.codePointAt(0) ?? 0;
    weight += LIGHT.some(([from, to]) => point >= from && point <= to) ? 1 : 2;
  }
  return weight;
}
