import { getJson, getPages } from '../api/client.js';
import type { Account, FateReport, Page, Session, Summary, Ticket, WindowRow } from '../api/types.js';
import { fetchSession } from '../view/header.js';
import type { Range } from './range.js';
import type { ViewState } from './view-state.js';

/** A value or why there is none: one part of the API that is away takes only its own part of the page along. */
export type Loaded<T> = { readonly value: T } | { readonly error: unknown };

export interface DashboardData {
  readonly session: Loaded<Session>;
  readonly summary: Loaded<Summary>;
  readonly before: Loaded<Summary>;
  readonly windows: Loaded<readonly WindowRow[]>;
  readonly fates: Loaded<FateReport>;
  readonly accounts: Loaded<readonly Account[]>;
  /** Nothing was ever captured for this tenant. */
  readonly isEmpty: boolean;
}

const WINDOW_PAGES = 25;

async function settle<T>(promise: Promise<T>): Promise<Loaded<T>> {
  try {
    return { value: await promise };
  } catch (error) {
    return { error };
  }
}

export async function loadDashboard({ channel }: ViewState, range: Range): Promise<DashboardData> {
  const from = new Date(range.fromMs).toISOString();
  const earlier = { from: new Date(range.before.fromMs).toISOString(), to: new Date(range.before.toMs).toISOString() };
  const [session, summary, before, windows, fates, accounts] = await Promise.all([
    settle(fetchSession()),
    settle(getJson<Summary>('/api/v1/metrics/summary', { from, channel })),
    settle(getJson<Summary>('/api/v1/metrics/summary', { ...earlier, channel })),
    settle(
      getPages<WindowRow>('/api/v1/metrics/windows', { grain: range.grain, from, channel }, WINDOW_PAGES).then(
        ({ rows }) => rows,
      ),
    ),
    settle(getJson<FateReport>('/api/v1/fates', { from, channel })),
    settle(getJson<Page<Account>>('/api/v1/accounts').then(({ data }) => data)),
  ]);
  const quiet =
    'value' in summary &&
    summary.value.backlog_count === 0 &&
    summary.value.created_count === 0 &&
    (!('value' in fates) || fates.value.captured === 0);
  return { session, summary, before, windows, fates, accounts, isEmpty: quiet && (await isEmpty()) };
}

async function isEmpty(): Promise<boolean> {
  const [tickets, fates] = await Promise.all([
    settle(getJson<Page<Ticket>>('/api/v1/tickets', { limit: 1 })),
    settle(getJson<FateReport>('/api/v1/fates')),
  ]);
  return 'value' in tickets && tickets.value.data.length === 0 && (!('value' in fates) || fates.value.captured === 0);
}

/** The last good value when a part could not be read this time. */
export function kept<T>(now: Loaded<T>, last: Loaded<T> | undefined): Loaded<T> {
  return 'error' in now && last !== undefined && 'value' in last ? last : now;
}
