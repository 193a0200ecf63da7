import type { ReplyWindow, Ticket, Visibility } from '../api/types.js';
import { isOpen, readVariables, stateOf, waysOf } from './answering.js';

const NOW = Date.parse('2026-11-21T12:00:00.000Z');
const window = (
  visibility: Visibility,
  secondsLeft: number | null,
  options: Partial<ReplyWindow> = {},
): ReplyWindow => ({
  visibility,
  rule: 'standard',
  sends: 'text',
  until: null,
  once: false,
  open: secondsLeft !== 0,
  seconds_left: secondsLeft,
  ...options,
});
const ticket = (visibility: Visibility | null, ...reply_windows: ReplyWindow[]): Ticket =>
  ({ visibility, reply_windows }) as unknown as Ticket;

describe('the ways to answer', () => {
  it('are one without a name where the channel tells none', () => {
    expect(waysOf(ticket(null), NOW)).toMatchObject([{ visibility: null, sends: 'text' }]);
    expect(stateOf(waysOf(ticket(null), NOW)[0]!, NOW)).toBe('');
  });

  it('begin with that of the conversation', () => {
    const windows = [window('private', 60), window('public', null)];
    expect(waysOf(ticket('public', ...windows), NOW).map(({ visibility }) => visibility)).toEqual([
      'public',
      'private',
    ]);
    expect(waysOf(ticket('private', ...windows), NOW)[0]?.visibility).toBe('private');
  });

  it('count down from when the ticket was read, and close by themselves', () => {
    const [way] = waysOf(ticket('private', window('private', 3_900), window('private', 60)), NOW);
    expect(stateOf(way!, NOW)).toBe('1 h 05 min left for a private answer.');
    expect(stateOf(way!, NOW + 3_860_000)).toBe('40 s left for a private answer.');
    expect([isOpen(way!, NOW + 3_899_000), isOpen(way!, NOW + 3_900_000)]).toEqual([true, false]);
    expect(stateOf(way!, NOW + 3_900_000)).toMatch('is over');
  });

  it('are public and private where a public conversation has no limits', () => {
    const ways = waysOf(ticket('public'), NOW);
    expect(ways).toMatchObject([
      { visibility: 'public', sends: 'text' },
      { visibility: 'private', sends: 'text' },
    ]);
    expect(ways.map((way) => [isOpen(way, NOW), stateOf(way, NOW)])).toEqual([
      [true, ''],
      [true, ''],
    ]);
    expect(waysOf(ticket('private'), NOW)).toMatchObject([{ visibility: null, sends: 'text' }]);
  });

  it('name each of several rules with its own end', () => {
    const day = 86_400;
    const late = window('private', 7 * day - 120, { rule: 'human_agent' });
    const [way] = waysOf(ticket('private', late, window('private', day - 120)), NOW);
    expect(stateOf(way!, NOW)).toBe('Standard 23 h 58 min left, then human agent 6 d.');
    expect(stateOf(way!, NOW + day * 1000)).toBe('6 d left for a private answer.');
    expect(isOpen(way!, NOW + 6 * day * 1000)).toBe(true);
    const [endless] = waysOf(ticket('private', window('private', null, { rule: 'open' }), window('private', 60)), NOW);
    expect(stateOf(endless!, NOW)).toBe('Standard 1 min left, then open.');
  });

  it('say that only a template is left, or that the one answer was given', () => {
    const over = window('private', 0, { until: '2020-01-01T00:00:00.000Z' });
    const [template] = waysOf(ticket('private', over, window('private', null, { sends: 'template' })), NOW);
    expect([template?.sends, stateOf(template!, NOW)]).toEqual([
      'template',
      'The time for a private answer is over. Only a template that the provider approved can be sent.',
    ]);
    const [used] = waysOf(
      ticket('private', window('private', 0, { once: true, until: '2999-01-01T00:00:00.000Z' })),
      NOW,
    );
    expect(stateOf(used!, NOW)).toMatch(/^The one private answer to this message was given/);
  });

  it('take variables one a line', () => {
    expect(readVariables('1 = order 1042\n\n name=a=b ')).toEqual({ 1: 'order 1042', name: 'a=b' });
    expect(readVariables('')).toEqual({});
    expect(readVariables('no sign')).toBeUndefined();
  });
});
