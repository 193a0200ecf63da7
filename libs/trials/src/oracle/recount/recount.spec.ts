import type { TicketEventV1 } from '@fanin/contracts';
import { metricLines } from './metric-lines.js';
import { Stories } from './story.js';
import { ticketFigures } from './ticket-figures.js';
import { WindowFigures } from './window-figures.js';

const START = Date.parse('2026-03-02T09:50:00.000Z');
const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;
const NINE = Date.parse('2026-03-02T09:00:00.000Z');
const DAY = Date.parse('2026-03-02T00:00:00.000Z');

type Snapshot = TicketEventV1['ticket'];
type Step = readonly [minute: number, who: 'customer' | 'agent' | 'bot' | 'note' | 'change', after?: Partial<Snapshot>];

const MESSAGES = {
  customer: ['inbound', 'public', 'customer'],
  agent: ['outbound', 'public', 'agent'],
  bot: ['outbound', 'public', 'automation'],
  note: ['outbound', 'note', 'agent'],
} as const;

/** A life of a ticket that begins at 09:50, in minutes since then. */
function eventsOf(steps: readonly Step[]): TicketEventV1[] {
  let ticket = {
    ...{ id: 't1', number: 1, subject: 'Where?', status: 'new', priority: 'normal', channel: 'email', tags: [] },
    ...{ account_id: 'mail', team_id: null, assignee_id: null, customer_id: 'c1', follow_up_of: null },
    created_at: new Date(START).toISOString(),
  } as Snapshot;
  return steps.map(([minute, who, after = {}], index) => {
    const at = new Date(START + minute * MINUTE_MS).toISOString();
    const [direction, kind, actor] = who === 'change' ? [null, null, 'agent' as const] : MESSAGES[who];
    ticket = { ...ticket, ...after };
    const times = { provider_time: null, received_at: at, delivery_status: null };
    const message =
      direction === null ? null : { id: `m${index}`, direction, kind, channel: 'email' as const, ...times };
    return {
      ...{ event_id: `e${index}`, tenant: 'a', ticket_id: 't1', seq: index + 1, occurred_at: at, recorded_at: at },
      type: index === 0 ? 'ticket.created' : message === null ? 'ticket.changed' : 'message.added',
      actor: { type: actor, id: 'x' },
      changes: [],
      message,
      ticket,
    };
  });
}

function storiesOf(events: readonly TicketEventV1[]): Stories {
  const stories = new Stories();
  for (const event of events) stories.add(event);
  return stories;
}

function figuresOf(steps: readonly Step[]): Readonly<Record<string, unknown>> {
  const story = storiesOf(eventsOf(steps)).byTicket.get('t1');
  if (story === undefined) throw new Error('no story');
  return ticketFigures(story);
}

const LIFE: readonly Step[] = [
  [0, 'customer'],
  [1, 'bot'],
  [4, 'customer'],
  [6, 'agent', { status: 'pending', assignee_id: 'anna', team_id: 'first' }],
  [20, 'customer', { status: 'open' }],
  [21, 'customer'],
  [22, 'note'],
  [30, 'agent', { status: 'solved', assignee_id: 'ben', team_id: 'second' }],
  [40, 'customer', { status: 'open' }],
  [45, 'change', { status: 'on_hold' }],
  [75, 'agent', { status: 'solved' }],
  [80, 'change', { status: 'closed' }],
];

describe('recounting a ticket from its events', () => {
  it('finds answers, resolutions and waits', () => {
    expect(figuresOf(LIFE)).toMatchObject({
      status: 'closed',
      first_inbound_at: START,
      first_auto_reply_at: START + MINUTE_MS,
      first_reply_at: START + 6 * MINUTE_MS,
      first_reply_seconds: 360,
      // 10 minutes from the message at 20, 35 from the one at 40.
      next_reply_count: 2,
      next_reply_seconds_sum: 45 * 60,
      next_reply_seconds_max: 35 * 60,
      first_resolution_seconds: 30 * 60,
      full_resolution_seconds: 75 * 60,
      last_solved_at: START + 75 * MINUTE_MS,
      closed_at: START + 80 * MINUTE_MS,
      // New 0-6, open 20-30 and 40-45, on hold 45-75.
      requester_wait_seconds: 51 * 60,
      agent_wait_seconds: 14 * 60,
      on_hold_seconds: 30 * 60,
      inbound_count: 5,
      public_reply_count: 3,
      internal_note_count: 1,
      reopen_count: 1,
      transfer_count: 1,
      assignee_station_count: 2,
      is_one_touch: false,
    });
  });

  it('knows a ticket that one reply solved', () => {
    expect(figuresOf([[0, 'customer'], [3, 'agent', { status: 'solved' }]])).toMatchObject({ is_one_touch: true }); // prettier-ignore
    expect(
      figuresOf([
        [0, 'customer'],
        [3, 'agent', { status: 'solved' }],
        [9, 'customer', { status: 'open' }],
      ]),
    ).toMatchObject({ is_one_touch: false, full_resolution_seconds: null, first_resolution_seconds: 180 });
  });

  it('leaves null what never happened, and takes closing for solving', () => {
    expect(figuresOf([[0, 'customer']])).toMatchObject({
      first_reply_seconds: null,
      next_reply_seconds_sum: null,
      requester_wait_seconds: null,
      closed_at: null,
    });
    expect(figuresOf([[0, 'customer'], [5, 'change', { status: 'closed' }]])).toMatchObject({ first_resolution_seconds: 300 }); // prettier-ignore
  });

  it('gives 0 where clocks disagree', () => {
    expect(figuresOf([[5, 'customer'], [2, 'agent']])).toMatchObject({ first_reply_seconds: 0 }); // prettier-ignore
  });
});

describe('recounting windows', () => {
  const figures = new WindowFigures(storiesOf(eventsOf(LIFE)).byTicket.values());
  const idOf = (grain: string, start: number, team: string): string => `a|${grain}|${start}|email|${team}|normal`;

  it('puts each thing into the window of its own time and of the team it had then', () => {
    expect(figures.of(idOf('hour', NINE, ''))).toMatchObject({ created_count: 1, inbound_count: 2, backlog_count: 0 });
    expect(figures.of(idOf('hour', NINE, 'first'))).toMatchObject({
      public_reply_count: 1,
      first_reply_count: 1,
      first_reply_seconds_sum: 360,
      first_reply_le_300: 0,
      first_reply_le_900: 1,
      backlog_count: 1,
    });
    expect(figures.of(idOf('day', DAY, 'second'))).toMatchObject({
      solved_count: 2,
      reopened_count: 1,
      closed_count: 1,
      first_resolution_count: 1,
      // The first was taken back by the reopening.
      full_resolution_count: 1,
      full_resolution_seconds_min: 75 * 60,
      next_reply_seconds_p50: 10 * 60,
      next_reply_seconds_p90: 35 * 60,
      backlog_count: 0,
    });
  });

  it('tells of every window in which something happened', () => {
    const hours = [...figures.rowIds()].filter((id) => id.includes('|hour|')).sort();
    expect(hours).toEqual(
      [idOf('hour', NINE, ''), idOf('hour', NINE, 'first'), idOf('hour', NINE + HOUR_MS, 'first'), idOf('hour', NINE + HOUR_MS, 'second'), idOf('hour', NINE + 2 * HOUR_MS, 'second')].sort(), // prettier-ignore
    );
  });
});

describe('what is shown against what the events give', () => {
  const stories = storiesOf(eventsOf(LIFE)).byTicket;
  const story = stories.get('t1');
  const fact = { row_id: 't1', ticket_id: 't1', ...(story === undefined ? {} : ticketFigures(story)) };
  const recounted = new WindowFigures(stories.values());
  const windows = [...recounted.rowIds()].map((row_id) => ({ row_id, ...recounted.of(row_id) }));
  /** Both the row and its topic hold the same wrong number, so that only counting again can find it. */
  const lines = (wrong: object = {}, wrongWindow: object = {}): readonly string[] => {
    const facts = [{ ...fact, ...wrong }];
    const rows = windows.map((row, index) => (index === 0 ? { ...row, ...wrongWindow } : row));
    const onTopic = (all: readonly { row_id: string }[]) => new Map(all.map((row) => [row.row_id, row]));
    const log = { stories, facts: onTopic(facts), windows: onTopic(rows) };
    return metricLines(new Map([['t1', LIFE.length]]), log, { facts, windows: rows });
  };

  it('finds nothing where all agree', () => expect(lines()).toEqual([]));

  it.each(Object.keys(fact).filter((name) => !['row_id', 'ticket_id'].includes(name)))('finds a wrong %s', (name) => {
    expect(lines({ [name]: 'wrong' })).toEqual([expect.stringContaining(name)]);
  });

  it('finds each wrong figure of a window', () => {
    const names = Object.keys(recounted.of(windows[0]?.row_id ?? ''));
    expect(names.length).toBeGreaterThan(60);
    for (const name of names) expect(lines({}, { [name]: -1 })).toEqual([expect.stringContaining(name)]);
  });

  it('finds an event that did not arrive, and one that came twice', () => {
    const events = eventsOf(LIFE);
    const missing = storiesOf(events.filter(({ seq }) => seq !== 4));
    expect(missing.faults).toEqual(['ticket t1: event 5 follows 3']);
    expect(storiesOf([...events, ...events]).faults).toEqual([]);
  });
});
