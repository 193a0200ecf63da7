import type { TicketFact, WindowRow } from '../api/types.js';
import { isBehind } from './drill.js';
import { sumOf } from './ledger.js';
import { rangeOf } from './range.js';
import { readViewState, writeViewState } from './view-state.js';
import { replySteps, volumeOf } from './volume.js';

const HOUR = 3_600_000;
const now = Date.parse('2026-11-21T12:34:56Z');

describe('ranges', () => {
  it('covers whole windows, the running one last', () => {
    const day = rangeOf('24h', now);
    expect([
      day.grain,
      day.windows.length,
      new Date(day.fromMs).toISOString(),
      new Date(day.windows.at(-1) ?? 0).toISOString(),
    ]).toEqual(['hour', 24, '2026-11-20T13:00:00.000Z', '2026-11-21T12:00:00.000Z']);
    const week = rangeOf('7d', now);
    expect([week.grain, week.windows.length, new Date(week.fromMs).toISOString()]).toEqual([
      'day',
      7,
      '2026-11-15T00:00:00.000Z',
    ]);
    expect(rangeOf('30d', now).windows).toHaveLength(30);
  });
  it('compares with the same length directly before', () => {
    const { fromMs, before } = rangeOf('24h', now);
    expect([before.fromMs, before.toMs]).toEqual([fromMs - 24 * HOUR, now - 24 * HOUR]);
  });
  it('begins today at midnight of the reader', () => {
    const today = rangeOf('today', now);
    expect(today.fromMs).toBe(new Date(now).setHours(0, 0, 0, 0));
    expect(today.windows.at(-1)).toBe(now - (now % HOUR));
  });
});

describe('volume', () => {
  const range = rangeOf('24h', now);
  const row = (start: number, channel: string, values: object): WindowRow =>
    ({ window_start_at: start, channel, created_count: 0, inbound_count: 0, ...values }) as unknown as WindowRow;
  const last = range.windows.at(-1) ?? 0;

  it('adds up teams and priorities and leaves out windows of another span', () => {
    const rows = [
      row(last, 'email', { created_count: 2, inbound_count: 5 }),
      row(last, 'email', { created_count: 1 }),
      row(last - HOUR, 'chat', { created_count: 4 }),
      row(range.fromMs - HOUR, 'email', { created_count: 99 }),
    ];
    const volume = volumeOf(rows, range, 'tickets');
    expect(volume.total).toBe(7);
    expect(volume.series.map(({ channel, counts }) => [channel, counts.at(-2), counts.at(-1)])).toEqual([
      ['email', 0, 3],
      ['chat', 4, 0],
    ]);
    expect(volumeOf(rows, range, 'messages').total).toBe(5);
  });

  it('makes steps of cumulative columns that add up to the count', () => {
    const rows = [
      row(last, 'email', {
        first_reply_count: 5,
        first_reply_le_60: 1,
        first_reply_le_300: 3,
        first_reply_le_900: 3,
        first_reply_le_3600: 4,
        first_reply_le_14400: 4,
        first_reply_le_28800: 4,
        first_reply_le_86400: 4,
        first_reply_le_259200: 4,
      }),
    ];
    const { steps, count } = replySteps(rows, range);
    expect([count, ...steps.map((step) => step.count)]).toEqual([5, 1, 2, 0, 1, 0, 0, 0, 0, 1]);
  });
});

describe('the ledger', () => {
  const fates = { accepted: 100, duplicate: 8, suppressed: 9, quarantined: 1, ignored: 0, dead_lettered: 1 };
  it('adds up, and says by how much it does not', () => {
    expect(sumOf({ captured: 120, in_flight: 1, fates }).difference).toBe(0);
    expect(sumOf({ captured: 123, in_flight: 1, fates }).difference).toBe(3);
  });
});

describe('what is behind a number', () => {
  const span = { fromMs: now - HOUR, toMs: Infinity };
  const fact = (values: object): TicketFact =>
    ({
      first_reply_at: null,
      first_solved_at: null,
      last_solved_at: null,
      last_event_at: null,
      ...values,
    }) as TicketFact;
  it('goes by the time that the number counts', () => {
    expect(isBehind('first_reply', fact({ first_reply_at: now - 2 * HOUR }), span)).toBe(false);
    expect(isBehind('first_reply', fact({ first_reply_at: now - 60_000 }), span)).toBe(true);
    expect(isBehind('solved', fact({ first_solved_at: now - 60_000, last_solved_at: now + 2 * HOUR }), span)).toBe(
      true,
    );
    expect(isBehind('full_resolution', fact({}), span)).toBe(false);
    expect(isBehind('backlog', fact({}), span)).toBe(true);
  });
});

describe('the address', () => {
  it.each([
    ['', '/'],
    ['?range=7d&channel=chat', '/?range=7d&channel=chat'],
    ['?show=first_reply&of=email', '/?show=first_reply&of=email'],
    ['?show=created&at=1795284000000', '/?show=created&at=1795284000000'],
    ['?fate=suppressed&rule=auto_reply', '/?fate=suppressed&rule=auto_reply'],
    ['?fate=all', '/?fate=all'],
    ['?q=lamp&status=open', '/?status=open&q=lamp'],
    ['?counted=messages', '/?counted=messages'],
    ['?range=century&channel=pigeon&show=magic&status=odd&at=x', '/'],
  ])('reads %s and writes %s', (search, written) => {
    expect(writeViewState(readViewState(search))).toBe(written);
  });
});
