import type { Heard } from '../drive/doors/chat-line.js';
import { visitorLines } from './visitor-lines.js';

const TRANSCRIPTS = new Map([['c', ['hello', 'hi there', 'bye']]]);

function shown(ids: readonly (readonly [number, string])[], rest: Partial<Heard> = {}): Heard {
  return { conversation: 'c', events: ids.map(([seq, id]) => ({ seq, id })), back: 'caught up', others: [], ...rest };
}

const ALL = [
  [1, 'hello'],
  [2, 'hi there'],
  [3, 'bye'],
] as const;

describe('visitorLines', () => {
  it.each<[string, Heard, Partial<ReturnType<typeof visitorLines>>]>([
    ['all of it', shown(ALL), {}],
    [
      'an entry again',
      shown([...ALL, [2, 'hi there']]),
      { doubled: ['the visitor of c was shown entry 2 behind entry 3'] },
    ],
    ['one too few', shown([ALL[0], ALL[2]]), { lost: ['the visitor of c was shown entry 3 behind entry 1'] }],
    ['less than all', shown([ALL[0]]), { lost: ['the visitor of c came back and was shown 1 of 3 entries'] }],
    [
      'one that is not there',
      shown([...ALL, [4, 'ghost']]),
      { disorder: ['the visitor of c was shown ghost as entry 4, which is not there'] },
    ],
    [
      'one in the place of another',
      shown([[1, 'hi there'], ALL[1], ALL[2]]),
      { disorder: ['the visitor of c was shown hi there as entry 1, which is hello'] },
    ],
    ['another conversation', shown(ALL, { others: ['d'] }), { disorder: ['the visitor of c was given d'] }],
  ])('a visitor who was shown %s', (_, heard, lines) => {
    expect(visitorLines([heard], TRANSCRIPTS)).toEqual({ lost: [], doubled: [], disorder: [], ...lines });
  });

  it('asks no more of who left than what was shown before', () => {
    const left = shown([ALL[0]], { back: 'not asked' });
    expect(visitorLines([left, shown(ALL)], TRANSCRIPTS)).toEqual({ lost: [], doubled: [], disorder: [] });
  });

  it('is red when one could not come back', () => {
    const failed = shown(ALL, { back: { failed: 'closed 1006' } });
    expect(visitorLines([failed, shown(ALL)], TRANSCRIPTS).lost).toEqual([
      'the visitor of c could not come back: closed 1006',
    ]);
  });
});
