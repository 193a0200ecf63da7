import type { ChannelFamily, Priority, TicketFactV1, TicketStatus } from '@fanin/contracts';
import { WINDOW_BUCKETS_SECONDS } from '@fanin/contracts';

/** A shop's day, made once from fixed rules, in the shapes that the API answers. */
export interface FixtureTicket {
  readonly id: string;
  readonly number: number;
  readonly subject: string | null;
  readonly status: TicketStatus;
  readonly priority: Priority;
  readonly channel: ChannelFamily;
  readonly account_id: string;
  readonly tags: readonly string[];
  readonly team_id: string | null;
  readonly assignee_id: string | null;
  readonly customer: { readonly id: string; readonly name: string | null };
  readonly created_at: string;
  readonly updated_at: string;
  readonly first_replied_at: string | null;
  readonly solved_at: string | null;
  readonly closed_at: string | null;
  readonly follow_up_of: string | null;
  readonly followed_up_by: string | null;
  readonly visibility: 'public' | 'private' | null;
  readonly reply_windows: readonly object[];
  readonly tasks: readonly Readonly<Record<string, unknown>>[];
}

const SUBJECTS = [
  'Where is my parcel?',
  'Wrong size, can I swap it?',
  'Invoice for order 1042',
  'Discount code does not work',
  'Damaged on arrival',
  'Change of address',
  'Do you ship to Norway?',
  'Refund for the blue lamp',
  'Bulb is missing in the box',
  'Is the oak desk back in stock?',
];
const NAMES = [
  'Ada Byron',
  'Grace Hill',
  'Noor Haddad',
  'Jonas Weber',
  'Mei Tanaka',
  'Olu Adeyemi',
  'Sofía Ruiz',
  'Émile Roux',
  null,
  'Lena Novak',
];
const MINUTE = 60_000;

/** Small and repeatable: the same numbers in every run. */
function* numbers(): Generator<number, never> {
  let seed = 42;
  for (;;) {
    seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
    yield seed / 2_147_483_648;
  }
}

export function makeTickets(now: number): readonly FixtureTicket[] {
  const random = numbers();
  const next = (): number => random.next().value;
  const iso = (ms: number | null): string | null => (ms === null ? null : new Date(ms).toISOString());
  return Array.from({ length: 64 }, (_, i) => {
    const createdAt = now - Math.floor((i + 0.2 + next() * 0.6) * 21 * MINUTE);
    const channel: ChannelFamily = next() < 0.62 ? 'email' : 'chat';
    const wait = Math.floor((channel === 'chat' ? 20 + next() * 260 : 240 + next() * next() * 26_000) * 1000);
    const repliedAt = createdAt + wait < now && next() < 0.9 ? createdAt + wait : null;
    const solvedAt = repliedAt !== null && repliedAt + wait * 2 < now && next() < 0.75 ? repliedAt + wait * 2 : null;
    const status: TicketStatus =
      solvedAt !== null
        ? next() < 0.2
          ? 'closed'
          : 'solved'
        : repliedAt === null
          ? 'new'
          : next() < 0.3
            ? 'pending'
            : 'open';
    return {
      id: `00000000-0000-4000-8000-${String(i + 1).padStart(12, '0')}`,
      number: 1064 - i,
      subject: channel === 'chat' ? null : (SUBJECTS[i % SUBJECTS.length] ?? null),
      status,
      priority: i % 11 === 3 ? 'urgent' : i % 7 === 2 ? 'high' : 'normal',
      channel,
      account_id: channel === 'chat' ? 'shop-chat' : 'support-mail',
      tags: i % 5 === 0 ? ['delivery'] : [],
      team_id: i % 4 === 0 ? 'billing' : null,
      assignee_id: i % 3 === 0 ? 'ada' : null,
      customer: { id: `c${i}`, name: NAMES[i % NAMES.length] ?? null },
      created_at: new Date(createdAt).toISOString(),
      updated_at: new Date(solvedAt ?? repliedAt ?? createdAt).toISOString(),
      first_replied_at: iso(repliedAt),
      solved_at: iso(solvedAt),
      closed_at: status === 'closed' ? iso(solvedAt) : null,
      follow_up_of: null,
      followed_up_by: null,
      visibility: null,
      reply_windows: [],
      tasks: [],
    };
  });
}

const ms = (at: string | null): number | null => (at === null ? null : Date.parse(at));

/** The columns of a fact that the pages read. */
export function factOf(ticket: FixtureTicket): Partial<TicketFactV1> {
  const createdAt = Date.parse(ticket.created_at);
  const seconds = (at: string | null): number | null =>
    at === null ? null : Math.floor((Date.parse(at) - createdAt) / 1000);
  return {
    ticket_id: ticket.id,
    ticket_number: ticket.number,
    channel: ticket.channel,
    status: ticket.status,
    priority: ticket.priority,
    created_at: createdAt,
    first_reply_at: ms(ticket.first_replied_at),
    first_solved_at: ms(ticket.solved_at),
    last_solved_at: ms(ticket.solved_at),
    last_event_at: Date.parse(ticket.updated_at),
    first_reply_seconds: seconds(ticket.first_replied_at),
    full_resolution_seconds: seconds(ticket.solved_at),
    reopen_count: ticket.number % 9 === 0 && ticket.solved_at !== null ? 1 : 0,
  };
}

const within = (at: number | null | undefined, from: number, to: number): boolean =>
  at !== null && at !== undefined && at >= from && at < to;

export function windowsOf(tickets: readonly FixtureTicket[], stepMs: number, from: number): readonly object[] {
  const rows = new Map<string, Record<string, unknown>>();
  const rowAt = (at: number, channel: ChannelFamily): Record<string, number> => {
    const start = at - (at % stepMs);
    const key = `${start}|${channel}`;
    const row = rows.get(key) ?? {
      row_id: key,
      window_start_at: start,
      channel,
      created_count: 0,
      inbound_count: 0,
      first_reply_count: 0,
    };
    rows.set(key, row);
    return row as Record<string, number>;
  };
  for (const fact of tickets.map(factOf)) {
    const channel = fact.channel ?? 'email';
    if (within(fact.created_at, from, Infinity)) {
      const row = rowAt(fact.created_at ?? 0, channel);
      row['created_count'] = (row['created_count'] ?? 0) + 1;
      row['inbound_count'] = (row['inbound_count'] ?? 0) + 2;
    }
    if (!within(fact.first_reply_at, from, Infinity)) continue;
    const row = rowAt(fact.first_reply_at ?? 0, channel);
    row['first_reply_count'] = (row['first_reply_count'] ?? 0) + 1;
    for (const bound of WINDOW_BUCKETS_SECONDS)
      if ((fact.first_reply_seconds ?? 0) <= bound)
        row[`first_reply_le_${bound}`] = (row[`first_reply_le_${bound}`] ?? 0) + 1;
  }
  return [...rows.values()];
}

/** percentile_disc, as the database takes it. */
function percentile(values: readonly number[], share: number): number | null {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? null;
}

export function summaryOf(all: readonly FixtureTicket[], from: number, to: number): object {
  const figuresOf = (
    tickets: readonly FixtureTicket[],
  ): { created: number; backlog: number; replies: number[]; resolutions: number[] } => {
    const facts = tickets.map(factOf);
    return {
      created: facts.filter(({ created_at: at }) => within(at, from, to)).length,
      backlog: tickets.filter(({ status }) => status !== 'solved' && status !== 'closed').length,
      replies: facts.flatMap((fact) => (within(fact.first_reply_at, from, to) ? [fact.first_reply_seconds ?? 0] : [])),
      resolutions: facts.flatMap((fact) =>
        within(fact.last_solved_at, from, to) ? [fact.full_resolution_seconds ?? 0] : [],
      ),
    };
  };
  const total = figuresOf(all);
  const duration = (values: readonly number[]): object => ({
    count: values.length,
    p50: percentile(values, 0.5),
    p90: percentile(values, 0.9),
  });
  return {
    created_count: total.created,
    solved_count: total.resolutions.length,
    reopened_count: all
      .map(factOf)
      .filter((fact) => (fact.reopen_count ?? 0) > 0 && within(fact.last_event_at, from, to)).length,
    inbound_count: total.created * 2,
    public_reply_count: total.replies.length,
    backlog_count: total.backlog,
    durations: {
      first_reply: duration(total.replies),
      next_reply: duration([]),
      first_resolution: duration(total.resolutions),
      full_resolution: duration(total.resolutions),
    },
    channels: (['chat', 'email'] as const).flatMap((channel) => {
      const one = figuresOf(all.filter((ticket) => ticket.channel === channel));
      return one.created === 0
        ? []
        : [
            {
              channel,
              created_count: one.created,
              backlog_count: one.backlog,
              first_reply_p50: percentile(one.replies, 0.5),
              first_reply_p90: percentile(one.replies, 0.9),
            },
          ];
    }),
  };
}
