const WORDS =
  'order parcel chair lamp blue green delivery tracking page says still transit Monday since when could you please look into the ' +
  'this because it was promised for last week and I have written twice already without an answer refund card bank payment ' +
  'colour wrong size broken box arrived late missing screw manual warranty exchange return label printer store opening hours ' +
  'kitchen table garden bench wood oak walnut varnish scratch photo attached invoice address changed street number floor door ' +
  'neighbour courier called nobody home thank kind regards hello question about my account password login email newsletter stop';

const LIST = WORDS.split(' ');

/** Plain sentences in lines of a mail's length, `bytes` of them, about; the same for the same seed. No two seeds share them all. */
export function words(seed: number, bytes: number): string {
  let state = (seed * 2_654_435_761) >>> 0;
  let text = '';
  let line = '';
  while (text.length + line.length < bytes) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    line += `${LIST[(state >>> 16) % LIST.length] ?? ''}${state % 23 === 0 ? ` ${state % 10_000}.` : ''} `;
    if (line.length < 72) continue;
    text += `${line.trimEnd()}\n`;
    line = '';
  }
  return (text + line).trimEnd();
}
