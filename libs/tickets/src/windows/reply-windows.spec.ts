import type { ReplyWindow, Visibility } from '@fanin/contracts';
import { windowRefusal, windowStates } from './reply-windows.js';

const NOW = Date.parse('2026-11-21T12:00:00.000Z');
const standard: ReplyWindow = {
  visibility: 'private',
  rule: 'standard',
  sends: 'text',
  until: '2026-11-21T13:00:00.000Z',
  once: false,
};
const template: ReplyWindow = { ...standard, rule: 'template', sends: 'template', until: null };
const comment: ReplyWindow = { ...standard, visibility: 'public', rule: 'comment', until: null };
const onceOnly: ReplyWindow = { ...standard, rule: 'private_reply', once: true };

const states = (windows: readonly ReplyWindow[], nowMs = NOW, answered: readonly Visibility[] = []) =>
  windowStates({ message_id: 'm', at: '2026-11-20T13:00:00.000Z', windows }, new Set(answered), nowMs);

describe('reply windows', () => {
  it('tell the time left, to the second, and none without an end', () => {
    expect(states([standard, comment]).map(({ open, seconds_left }) => [open, seconds_left])).toEqual([
      [true, 3600],
      [true, null],
    ]);
    const end = Date.parse(standard.until ?? '');
    expect(states([standard], end - 1)[0]).toMatchObject({ open: true, seconds_left: 0 });
    expect(states([standard], end)[0]).toMatchObject({ open: false, seconds_left: 0 });
  });

  it('are no limits where there are none', () => {
    expect(windowStates(null, new Set(), NOW)).toEqual([]);
    expect(windowRefusal({ visibility: 'private', sends: 'text' }, [], NOW)).toBeUndefined();
  });

  it('refuse with the rule, the time, and what is possible instead', () => {
    const later = NOW + 7_200_000;
    const refuse = (windows: readonly ReplyWindow[], visibility: Visibility, sends: 'text' | 'template' = 'text') =>
      windowRefusal({ visibility, sends }, states(windows, later), later);
    expect(refuse([standard, template, comment], 'private')).toBe(
      'The window for a private answer (standard) closed on 2026-11-21T13:00:00.000Z. Still possible: private template, public answer.',
    );
    expect(refuse([standard, template, comment], 'private', 'template')).toBeUndefined();
    expect(refuse([standard], 'private')).toMatch(/Nothing can be sent until the customer writes again\.$/);
    expect(refuse([standard, comment], 'private', 'template')).toMatch(
      /^This conversation takes no private template\./,
    );
  });

  it('close behind the one answer that they take, in its visibility only', () => {
    const used = states([onceOnly, { ...comment, once: true }], NOW, ['private']);
    expect(used.map(({ visibility, open }) => [visibility, open])).toEqual([
      ['public', true],
      ['private', false],
    ]);
    expect(windowRefusal({ visibility: 'private', sends: 'text' }, used, NOW)).toMatch(
      'takes one answer, which was given',
    );
  });
});
