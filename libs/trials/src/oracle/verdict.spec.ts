import type { StoredMessage } from './evidence.js';
import type { Remembered } from './recorder.js';
import { isGreen, judge, type Judged } from './verdict.js';

interface Reply {
  /** What its ticket shows; null: nothing was made of it. */
  readonly shown: string | null;
  /** How often somebody outside took it. */
  readonly times: number;
}

function judgedBy(
  replies: readonly Reply[],
  log: Partial<Judged['log']> = {},
  messages: readonly (readonly [Remembered, StoredMessage])[] = [],
): readonly string[] {
  const account = 'a/a-mail';
  const idOf = (n: number): string => `reply-${n}`;
  const remembered = replies.map((_, n): Remembered => ({
    one: { door: 'replies', account, id: idOf(n), conversation: idOf(n), n: 0, atMs: 0 },
    state: 'acknowledged',
  }));
  const verdict = judge({
    messages: messages.map(([told]) => told),
    replies: remembered,
    changes: [],
    evidence: {
      messages: [
        ...messages.map(([, stored]) => stored),
        ...replies.flatMap(({ shown }, n) =>
          shown === null
            ? []
            : [
                {
                  mark: idOf(n),
                  account,
                  ticket: 't',
                  seq: n,
                  direction: 'outbound' as const,
                  delivery: shown,
                  files: [],
                },
              ],
        ),
      ],
      doubledByProviderId: [],
      fateFaults: [],
      ticketSeqs: new Map(),
      deliveries: 0,
      deadLettered: 0,
    },
    log: {
      captured: 0,
      stories: new Map(),
      facts: new Map(),
      windows: new Map(),
      eventFaults: [],
      deadLetters: 0,
      ...log,
    },
    visitors: { lost: [], doubled: [], disorder: [] },
    sent: new Map(replies.map(({ times }, n) => [idOf(n), times])),
    shown: { facts: [], windows: [], captured: 0, fates: 0, inFlight: 0, apiFaults: [] },
  });
  expect(isGreen(verdict)).toBe(verdict.problems.length === 0);
  return verdict.problems;
}

const many = (count: number, reply: Reply): readonly Reply[] => new Array<Reply>(count).fill(reply);

describe('judge', () => {
  it.each<[string, readonly Reply[], readonly string[]]>([
    ['out once and shown as sent', [{ shown: 'sent', times: 1 }], []],
    ['shown as unknown, whether it is out or not', many(2, { shown: 'unknown', times: 1 }), []],
    ['not out and shown as failed', [{ shown: 'failed', times: 0 }], []],
    ['lost', [{ shown: null, times: 0 }], ['lost: reply reply-0']],
    ['out twice', [{ shown: 'sent', times: 2 }], ['sent twice: reply reply-0 went out 2 times']],
    ['not out and shown as sent', [{ shown: 'sent', times: 0 }], ['not sent: reply reply-0 is shown as sent']],
    [
      'out and shown as failed',
      [{ shown: 'failed', times: 1 }],
      ['not sent: reply reply-0 went out, its ticket shows it as failed'],
    ],
    [
      'out and still queued',
      [{ shown: 'queued', times: 1 }],
      ['not sent: reply reply-0 went out, its ticket shows it as queued'],
    ],
    [
      'given up for the most part',
      [...many(6, { shown: 'failed', times: 0 }), ...many(4, { shown: 'sent', times: 1 })],
      ['not sent: 6 of 10 replies were given up'],
    ],
    ['given up by half', [...many(5, { shown: 'unknown', times: 0 }), ...many(5, { shown: 'sent', times: 1 })], []],
  ])('a reply that is %s', (_, replies, problems) => {
    expect(judgedBy(replies)).toEqual(problems);
  });

  it.each<[string, readonly string[], readonly string[]]>([
    ['is there', ['picture'], []],
    ['is missing', ['another'], ['lost: the file of at-twilio m']],
    ['is there twice', ['picture', 'picture'], ['doubled: the file of at-twilio m is there 2 times']],
  ])('a file that %s', (_, files, problems) => {
    const [account, ticket] = ['a/a-phone', 't'];
    const one = { door: 'at-twilio', account, id: 'm', conversation: 'c', n: 1, atMs: 0, file: 'picture' };
    const stored = { mark: 'm', account, ticket, seq: 1, direction: 'inbound' as const, delivery: null, files };
    expect(judgedBy([], {}, [[{ one, state: 'acknowledged' }, stored]])).toEqual(problems);
  });

  it('sees what any group set aside, also where no delivery tells of it', () => {
    expect(judgedBy([], { deadLetters: 2 })).toEqual(['dead letters: 2 more than wanted']);
  });
});
