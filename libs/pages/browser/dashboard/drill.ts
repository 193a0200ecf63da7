import { getJson, getPages } from '../api/client.js';
import type { Delivery, Page, Ticket, TicketFact } from '../api/types.js';
import { stepOf, type Range } from './range.js';
import type { Measure, Shown, ViewState } from './view-state.js';

/** What is behind a number: rows, and how to get more of them. */
export type Behind =
  | { readonly kind: 'tickets'; readonly rows: readonly Ticket[]; readonly next: string | null }
  | {
      readonly kind: 'facts';
      readonly rows: readonly TicketFact[];
      readonly titles: ReadonlyMap<string, Ticket>;
      readonly next: string | null;
    }
  | { readonly kind: 'deliveries'; readonly rows: readonly Delivery[]; readonly next: string | null };

export interface Span {
  readonly fromMs: number;
  /** Infinity: until now. */
  readonly toMs: number;
}

const PAGES_AT_ONCE = 5;

export function spanOf(shown: Shown, range: Range): Span {
  if (shown.kind !== 'measure' || shown.windowMs === null) return { fromMs: range.fromMs, toMs: Infinity };
  return { fromMs: shown.windowMs, toMs: shown.windowMs + stepOf(range.grain) };
}

/**
 * The rows behind what is shown. The API selects facts by creation; measures that count by another time are selected here
 * by that time, so that the list holds the tickets that the number counted.
 */
export function fetchBehind(state: ViewState, range: Range, cursor: string | null): Promise<Behind> {
  const { shown } = state;
  const channel = shown.kind === 'latest' || shown.channel === '' ? state.channel : shown.channel;
  switch (shown.kind) {
    case 'latest':
      return fetchLatest({ channel, status: shown.status, q: shown.search, cursor });
    case 'measure':
      return fetchFacts(shown.measure, spanOf(shown, range), { channel, cursor });
    case 'fate':
      return fetchDeliveries({ channel, fate: shown.fate, rule: shown.rule, cursor }, range);
  }
}

async function fetchLatest(query: Readonly<Record<string, string | null>>): Promise<Behind> {
  const page = await getJson<Page<Ticket>>('/api/v1/tickets', { ...query, limit: 25 });
  return { kind: 'tickets', rows: page.data, next: page.next_cursor };
}

const HAVING: Readonly<Partial<Record<Measure, string>>> = {
  first_reply: 'replied',
  reopened: 'reopened',
  backlog: 'unsolved',
  unreplied: 'unreplied',
};

async function fetchFacts(
  measure: Measure,
  span: Span,
  query: Readonly<Record<string, string | null>>,
): Promise<Behind> {
  const iso = (ms: number): string | null => (Number.isFinite(ms) ? new Date(ms).toISOString() : null);
  const byCreation = measure === 'created' ? { from: iso(span.fromMs), to: iso(span.toMs) } : { to: iso(span.toMs) };
  const { rows, next } = await getPages<TicketFact>(
    '/api/v1/metrics/tickets',
    { ...query, ...byCreation, having: HAVING[measure] },
    PAGES_AT_ONCE,
  );
  const kept = rows.filter((row) => isBehind(measure, row, span));
  return { kind: 'facts', rows: kept, titles: await titlesOf(kept.slice(0, TITLES_AT_ONCE)), next };
}

export function isBehind(measure: Measure, row: TicketFact, { fromMs, toMs }: Span): boolean {
  const within = (at: number | null): boolean => at !== null && at >= fromMs && at < toMs;
  switch (measure) {
    case 'first_reply':
      return within(row.first_reply_at);
    case 'solved':
    case 'full_resolution':
      return within(row.last_solved_at) || within(row.first_solved_at);
    case 'reopened':
      return row.last_event_at !== null && row.last_event_at >= fromMs;
    case 'created':
    case 'backlog':
    case 'unreplied':
      return true;
  }
}

const TITLES_AT_ONCE = 50;
const known = new Map<string, Ticket>();

/** Metric rows hold no names and no subjects; those come from the ticket itself. A ticket that cannot be read has none. */
async function titlesOf(rows: readonly TicketFact[]): Promise<ReadonlyMap<string, Ticket>> {
  const waiting = rows.filter((row) => known.get(row.ticket_id)?.status !== row.status).map((row) => row.ticket_id);
  const work = async (): Promise<void> => {
    for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) {
      const ticket = await getJson<Ticket>(`/api/v1/tickets/${encodeURIComponent(id)}`).catch(() => undefined);
      if (ticket !== undefined) known.set(id, ticket);
    }
  };
  await Promise.all(Array.from({ length: 5 }, work));
  return new Map(
    rows.flatMap(({ ticket_id: id }) => {
      const ticket = known.get(id);
      return ticket === undefined ? [] : [[id, ticket] as const];
    }),
  );
}

/** Newest first; the list ends where the span begins. */
async function fetchDeliveries(query: Readonly<Record<string, string | null>>, range: Range): Promise<Behind> {
  const page = await getJson<Page<Delivery>>('/api/v1/deliveries', { ...query, limit: 25 });
  const rows = page.data.filter((row) => Date.parse(row.received_at) >= range.fromMs);
  return { kind: 'deliveries', rows, next: rows.length < page.data.length ? null : page.next_cursor };
}

/** One list after another page was read. */
export function joined(first: Behind, second: Behind): Behind {
  if (first.kind === 'tickets' && second.kind === 'tickets')
    return { ...second, rows: [...first.rows, ...second.rows] };
  if (first.kind === 'facts' && second.kind === 'facts')
    return { ...second, rows: [...first.rows, ...second.rows], titles: new Map([...first.titles, ...second.titles]) };
  if (first.kind === 'deliveries' && second.kind === 'deliveries')
    return { ...second, rows: [...first.rows, ...second.rows] };
  return second;
}
