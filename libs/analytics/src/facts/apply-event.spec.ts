import type { TicketFactV1 } from '@fanin/contracts';
import { TicketStory } from '../spec-support/ticket-story.js';
import { applyEvent } from './apply-event.js';
import type { BacklogMove, Happening, TicketState } from './ticket-state.js';

const START = Date.parse('2026-11-21T08:00:00Z');

function play(story: TicketStory): {
  fact: TicketFactV1;
  happenings: Happening[];
  moves: BacklogMove[];
  retracted: string[];
} {
  let state: TicketState | null = null;
  const happenings: Happening[] = [];
  const moves: BacklogMove[] = [];
  const retracted: string[] = [];
  for (const event of story.events) {
    const applied = applyEvent(state, event);
    if (applied === null) throw new Error(`event ${event.seq} was not applied`);
    state = applied.state;
    happenings.push(...applied.happenings);
    moves.push(...applied.moves);
    if (applied.retracted !== null) retracted.push(`${applied.retracted.kind}@${applied.retracted.seq}`);
  }
  if (state === null) throw new Error('a story needs an event');
  return { fact: state.fact, happenings, moves, retracted };
}

const story = (): TicketStory => new TicketStory(START).created();

describe('a ticket’s numbers', () => {
  it('are null, not zero, before anything was reached', () => {
    const { fact } = play(story());
    expect(fact).toMatchObject({
      inbound_count: 1,
      public_reply_count: 0,
      first_inbound_at: START,
      status: 'new',
      report_date: '2026-11-21',
    });
    expect(fact.first_reply_seconds).toBeNull();
    expect(fact.first_resolution_seconds).toBeNull();
    expect(fact.next_reply_seconds_sum).toBeNull();
    expect(fact.first_reply_business_seconds).toBeNull();
  });

  it('take the first reply from the first customer message to the first public human reply', () => {
    const { fact, happenings } = play(story().customer(5).automation(6).note(7).agent(30, { status: 'open' }));
    expect(fact.first_reply_seconds).toBe(1800);
    expect(fact).toMatchObject({
      first_reply_at: START + 1_800_000,
      first_auto_reply_at: START + 360_000,
      internal_note_count: 1,
      public_reply_count: 1,
    });
    expect(happenings.filter((h) => h.kind === 'first_reply')).toHaveLength(1);
  });

  it('count neither amendments nor tasks, whoever they come from', () => {
    const plain = play(story().agent(30, { status: 'open' }));
    const told = play(
      story()
        .amendment(1)
        .task(2, 'task.added')
        .amendment(3, 'agent')
        .agent(30, { status: 'open' })
        .amendment(31, 'system')
        .task(32, 'task.done'),
    );
    const { record_version: _version, last_event_at: _last, ...fact } = told.fact;
    expect(plain.fact).toMatchObject(fact);
    expect(told.happenings.map(({ kind, at }) => [kind, at])).toEqual(
      plain.happenings.map(({ kind, at }) => [kind, at]),
    );
    expect(told.moves).toHaveLength(plain.moves.length);
  });

  it('take the customer’s first message, not the amendment that came before it and opened the ticket', () => {
    const { fact } = play(
      new TicketStory(START).created('customer', 'event').customer(10).agent(30, { status: 'open' }),
    );
    expect(fact).toMatchObject({ inbound_count: 1, first_inbound_at: START + 600_000, first_reply_seconds: 1200 });
  });

  it('count an answer sent with another tool, and know no first reply of a ticket that began with one', () => {
    const began = new TicketStory(START).created('agent', 'public', { status: 'pending' });
    const { fact } = play(began.customer(60, { status: 'open' }).agent(90));
    expect(fact).toMatchObject({
      is_agent_initiated: true,
      public_reply_count: 2,
      first_reply_seconds: null,
      next_reply_count: 1,
      next_reply_seconds_sum: 1800,
      agent_wait_seconds: 3600,
    });
  });

  it('take a next reply from the oldest unanswered message', () => {
    const { fact } = play(
      story().agent(10, { status: 'open' }).customer(20).customer(40).agent(50).customer(60).agent(61),
    );
    expect(fact).toMatchObject({
      next_reply_count: 2,
      next_reply_seconds_sum: 30 * 60 + 60,
      next_reply_seconds_max: 1800,
    });
  });

  it('do not count an agent’s second message in a row as a reply to anyone', () => {
    const { fact } = play(story().agent(10).agent(12));
    expect(fact).toMatchObject({ public_reply_count: 2, next_reply_count: 0, next_reply_seconds_sum: null });
  });

  it('leave the first reply null for a ticket that an agent began', () => {
    const { fact } = play(new TicketStory(START).created('agent').customer(10).agent(20));
    expect(fact).toMatchObject({
      is_agent_initiated: true,
      first_reply_seconds: null,
      next_reply_count: 1,
      next_reply_seconds_sum: 600,
    });
  });

  it('keep the first resolution and move the full one when a ticket is reopened', () => {
    const once = story().agent(30, { status: 'open' }).status(60, 'solved');
    expect(play(once).fact).toMatchObject({
      first_resolution_seconds: 3600,
      full_resolution_seconds: 3600,
      is_one_touch: true,
    });
    once.customer(90, { status: 'open' });
    const reopened = play(once);
    expect(reopened.fact).toMatchObject({
      reopen_count: 1,
      first_resolution_seconds: 3600,
      full_resolution_seconds: null,
      last_solved_at: null,
      is_one_touch: false,
    });
    expect(reopened.retracted).toEqual(['full_resolution@3']);
    once.status(120, 'solved');
    const solved = play(once);
    expect(solved.fact).toMatchObject({
      first_resolution_seconds: 3600,
      full_resolution_seconds: 7200,
      reopen_count: 1,
    });
    expect(solved.happenings.filter((h) => h.kind === 'solved')).toHaveLength(2);
    expect(solved.happenings.filter((h) => h.kind === 'first_resolution')).toHaveLength(1);
  });

  it('count a ticket closed without being solved as solved then', () => {
    const { fact } = play(story().status(45, 'closed'));
    expect(fact).toMatchObject({
      first_resolution_seconds: 2700,
      closed_at: START + 2_700_000,
      first_solved_at: START + 2_700_000,
    });
  });

  it('do not count closing after solving as a second resolution', () => {
    const { happenings } = play(story().status(30, 'solved').status(60, 'closed'));
    expect(happenings.map((h) => h.kind)).toEqual([
      'created',
      'inbound',
      'solved',
      'first_resolution',
      'full_resolution',
      'closed',
    ]);
  });

  it('split waiting time by status over closed intervals', () => {
    const { fact } = play(
      story().status(10, 'open').status(25, 'pending').status(45, 'on_hold').status(50, 'open').status(60, 'solved'),
    );
    expect(fact).toMatchObject({
      requester_wait_seconds: (10 + 15 + 5 + 10) * 60,
      agent_wait_seconds: 20 * 60,
      on_hold_seconds: 5 * 60,
    });
  });

  it('count transfers after the first team and every assignee once', () => {
    const { fact } = play(
      story()
        .change(1, { team_id: 'billing' })
        .change(2, { team_id: 'returns', assignee_id: 'ann' })
        .change(3, { assignee_id: 'bob' })
        .change(4, { assignee_id: 'ann' }),
    );
    expect(fact).toMatchObject({
      transfer_count: 1,
      assignee_station_count: 2,
      team_id: 'returns',
      assignee_id: 'ann',
    });
  });

  it('move through the slices of the backlog and leave it when solved', () => {
    const { moves } = play(
      story().change(1, { priority: 'urgent' }).status(2, 'solved').customer(3, { status: 'open' }),
    );
    expect(moves.map(({ priority, delta }) => `${priority}${delta > 0 ? '+' : '-'}`)).toEqual([
      'normal+',
      'normal-',
      'urgent+',
      'urgent-',
      'urgent+',
    ]);
    expect(moves.reduce((sum, move) => sum + move.delta, 0)).toBe(1);
  });

  it('do not change when an event comes again', () => {
    const events = story().agent(10, { status: 'open' }).events;
    let state: TicketState | null = null;
    for (const event of events) state = applyEvent(state, event)?.state ?? state;
    for (const event of events) expect(applyEvent(state, event)).toBeNull();
    expect(state?.fact.record_version).toBe(2);
  });

  it('never show a negative duration when clocks disagree', () => {
    const { fact } = play(story().agent(-5));
    expect(fact.first_reply_seconds).toBe(0);
  });
});
