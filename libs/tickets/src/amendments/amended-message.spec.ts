import type { Attachment } from '@fanin/contracts';
import { amend, type MessageContent, type StoredAmendment } from './amended-message.js';

const file = (name: string): Attachment => ({
  key: `k/${name}`,
  size: 1,
  sha256: name.padEnd(64, '0'),
  name,
  content_type: 'audio/mpeg',
  inline: false,
});
const ann = { kind: 'social', id: 'ann', name: 'Ann' } as const;
const bob = { kind: 'social', id: 'bob', name: 'Bob' } as const;

function content(id: string, text: string, details: object = {}): MessageContent {
  const base = { from: ann, to: [], attachments: [], flags: [], threading: { rule: 'new', evidence: null } };
  return {
    id,
    text,
    html: '<p>first</p>',
    quotedText: null,
    details: { ...base, provider_fields: {}, body_ref: null, ...details },
  };
}

let seq = 1;
function change(what: string, minute: number, text = '', details: object = {}): StoredAmendment {
  seq += 1;
  const amends = { provider_message_id: 'm', change: what, value: null };
  return {
    ...content(`${what}-${minute}`, text, { amends, ...details }),
    html: null,
    seq,
    at: `2026-11-21T08:${String(minute).padStart(2, '0')}:00.000Z`,
  };
}

const reaction = (what: string, minute: number, from: object, value: string | null): StoredAmendment =>
  change(what, minute, '', { from, amends: { provider_message_id: 'm', change: what, value } });

/** All orders of a short list. */
function orders<T>(list: readonly T[]): T[][] {
  return list.length < 2
    ? [[...list]]
    : list.flatMap((first, at) => orders(list.toSpliced(at, 1)).map((rest) => [first, ...rest]));
}

describe('amending a message', () => {
  const message = content('m', 'first words', { attachments: [file('a')] });

  it('comes out the same in whatever order the amendments arrive', () => {
    const all = [change('edited', 1, 'second'), change('edited', 3, 'fourth'), change('transcribed', 2, 'third')];
    const results = orders(all).map((some) => amend(message, some));
    for (const { content: shown, earlierTexts, hidden } of results) {
      expect([shown.text, shown.html, hidden]).toEqual(['fourth', null, false]);
      expect(Object.fromEntries(earlierTexts)).toEqual({
        'edited-1': 'first words',
        'transcribed-2': 'second',
        'edited-3': 'third',
      });
    }
  });

  it('comes out the same when they come one by one, each applied to the result of the one before', () => {
    const [late, early] = [change('edited', 3, 'later'), change('edited', 1, 'earlier')];
    const first = amend(message, [late]).content;
    const second = amend(first, [late, early]);
    expect(second.content.text).toBe('later');
    expect(second.content).toEqual(amend(message, [late, early]).content);
    expect(amend(second.content, [late, early]).content).toEqual(second.content);
  });

  it('appends attachments in order of arrival, each once, and keeps the positions of those before', () => {
    const recording = change('attachments_added', 9, '', { attachments: [file('rec')] });
    const again = change('attachments_added', 1, '', { attachments: [file('a'), file('late')] });
    const names = (some: readonly StoredAmendment[]): string[] =>
      amend(message, some).content.details.attachments.map(({ name }) => name);
    expect(names([recording])).toEqual(['a', 'rec']);
    expect(names([recording, again])).toEqual(['a', 'rec', 'late']);
    expect(names([again, recording])).toEqual(['a', 'rec', 'late']);
  });

  it('shows the latest reaction of each person', () => {
    const shown = (some: readonly StoredAmendment[]): unknown =>
      amend(message, some).content.details.amended?.reactions.map(({ value, from }) => [from.id, value]);
    const heart = reaction('reacted', 1, ann, '❤');
    const thumb = reaction('reacted', 2, ann, '👍');
    const gone = reaction('unreacted', 3, ann, null);
    const bobs = reaction('reacted', 4, bob, '😮');
    expect(shown([thumb, heart])).toEqual([['ann', '👍']]);
    expect(shown([gone, bobs, heart, thumb])).toEqual([['bob', '😮']]);
  });

  it('hides what its sender took back and keeps it', () => {
    const { hidden, content: kept } = amend(message, [change('deleted', 5)]);
    expect([hidden, kept.text, kept.details.amended?.changes]).toEqual([true, 'first words', ['deleted']]);
  });

  it('changes nothing by a sort of change that it does not know', () => {
    const { content: same, hidden } = amend(message, [change('pinned', 1, 'words')]);
    expect([same.text, same.html, hidden, same.details.amended?.changes]).toEqual([
      'first words',
      '<p>first</p>',
      false,
      [],
    ]);
  });
});
