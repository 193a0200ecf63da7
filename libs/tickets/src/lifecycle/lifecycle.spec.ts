import { DELIVERY_STATUSES, TICKET_STATUSES, type TicketStatus } from '@fanin/contracts';
import { isForward } from '../receipts/delivery-rank.js';
import { afterAgentReply, afterCustomerMessage, isReopening, refusalOf, timesOfChange } from './lifecycle.js';

describe('ticket life', () => {
  it.each([
    ['new', { status: 'new', reopens: false }],
    ['open', { status: 'open', reopens: false }],
    ['pending', { status: 'open', reopens: false }],
    ['on_hold', { status: 'open', reopens: false }],
    ['solved', { status: 'open', reopens: true }],
    ['closed', 'follow_up'],
  ] as const)('a message of the customer to a %s ticket', (status, effect) => {
    expect(afterCustomerMessage(status)).toEqual(effect);
  });

  it('opens a new ticket by the first reply and otherwise does as the agent asks', () => {
    expect(TICKET_STATUSES.map((status) => afterAgentReply(status, undefined))).toEqual([
      'open',
      'open',
      'pending',
      'on_hold',
      'solved',
      'closed',
    ]);
    expect(afterAgentReply('new', 'solved')).toBe('solved');
  });

  it('lets agents go anywhere but back to new and out of closed', () => {
    const refused = TICKET_STATUSES.flatMap((from) =>
      TICKET_STATUSES.filter((to) => refusalOf(from, to) !== undefined).map((to) => `${from}>${to}`),
    );
    expect(refused).toEqual([
      'open>new',
      'pending>new',
      'on_hold>new',
      'solved>new',
      'closed>new',
      'closed>open',
      'closed>pending',
      'closed>on_hold',
      'closed>solved',
    ]);
  });

  it('calls it reopening only when solved work begins again', () => {
    const reopening = TICKET_STATUSES.flatMap((from) =>
      TICKET_STATUSES.filter((to) => isReopening(from, to)).map((to) => `${from}>${to}`),
    );
    expect(reopening).toEqual(['solved>new', 'solved>open', 'solved>pending', 'solved>on_hold']);
  });

  it.each([
    ['open', 'solved', { solvedAt: 'now' }],
    ['solved', 'open', { solvedAt: null }],
    ['solved', 'closed', { closedAt: 'now' }],
    ['open', 'closed', { closedAt: 'now' }],
    ['solved', 'solved', {}],
    ['open', 'pending', {}],
  ] as readonly (readonly [TicketStatus, TicketStatus, object])[])('sets the times of %s → %s', (from, to, times) => {
    expect(timesOfChange(from, to, 'now')).toEqual(times);
  });
});

describe('delivery', () => {
  it('only moves forward', () => {
    const forward = DELIVERY_STATUSES.map(
      (from) => `${from}: ${DELIVERY_STATUSES.filter((to) => isForward(from, to)).join(' ')}`,
    );
    expect(forward).toEqual([
      'queued: sent delivered read failed unknown',
      'sent: delivered read failed',
      'delivered: read',
      'read: ',
      'failed: delivered read',
      'unknown: sent delivered read failed',
    ]);
  });
});
