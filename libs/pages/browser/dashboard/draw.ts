import { ApiError, describeError } from '../api/client.js';
import type { ChannelFamily, WindowRow } from '../api/types.js';
import { formatClock } from '../format/time.js';
import { CHANNELS } from '../format/words.js';
import type { Child } from '../view/element.js';
import { h } from '../view/element.js';
import { fill } from '../view/fill.js';
import { dropdown, notice, segmented } from '../view/parts.js';
import { accounts } from './accounts.js';
import { channelsTable } from './channels-table.js';
import { figures } from './figures.js';
import type { Layout } from './layout.js';
import { ledger } from './ledger.js';
import type { DashboardData, Loaded } from './load.js';
import { nothingYet } from './nothing-yet.js';
import { RANGE_LABELS, rangeOf, RANGES } from './range.js';
import { replyTimes } from './reply-times.js';
import type { Measure, Shown, ViewState } from './view-state.js';
import type { VolumeChart } from './volume-chart.js';
import { volumeTable } from './volume-table.js';
import { replySteps, volumeOf } from './volume.js';

/** What a person can ask for on the page. */
export interface Actions {
  go(next: Partial<ViewState>): void;
  show(shown: Shown): void;
  retry(): void;
}

export function drawControls(layout: Layout, state: ViewState, actions: Actions): void {
  fill(layout.controls, [state.range, state.channel], () => [
    dropdown<ChannelFamily | ''>(
      { id: 'channel', label: 'Channel', hideLabel: true },
      [
        { value: '', label: 'All channels' },
        ...(Object.keys(CHANNELS) as ChannelFamily[]).map((value) => ({ value, label: CHANNELS[value] })),
      ],
      state.channel,
      (channel) => actions.go({ channel }),
    ),
    segmented(
      'range',
      'Span of time',
      RANGES.map((value) => ({ value, label: RANGE_LABELS[value] })),
      state.range,
      (range) => actions.go({ range }),
    ),
  ]);
  const choices = [
    { value: 'tickets', label: 'Tickets' },
    { value: 'messages', label: 'Messages' },
  ] as const;
  fill(layout.counted, state.counted, () => [
    segmented('counted', 'What is counted', choices, state.counted, (counted) => actions.go({ counted })),
  ]);
}

/** `readAt`: when figures were last read, 0 for never. */
export function drawBanner(layout: Layout, error: unknown, readAt: number, actions: Actions): void {
  fill(layout.banner, error === undefined ? null : [describeError(error), readAt], () => {
    if (error === undefined) return [];
    if (error instanceof ApiError && error.status === 401) {
      return [notice('bad', 'You are logged out. ', h('a', { href: location.href }, 'Log in again'), '.')];
    }
    const age = readAt === 0 ? ' ' : ` What you see is from ${formatClock(readAt)}. `;
    const button = h('button', { type: 'button', class: 'button', on: { click: () => actions.retry() } }, 'Try now');
    return [notice('bad', h('b', {}, describeError(error)), age, 'This page tries again by itself. ', button)];
  });
}

export function drawData(
  layout: Layout,
  plot: VolumeChart,
  data: DashboardData,
  state: ViewState,
  actions: Actions,
): void {
  layout.setEmpty(data.isEmpty);
  part(layout.accounts, data.accounts, Math.floor(Date.now() / 60_000), accounts);
  if (data.isEmpty) return drawFirstSteps(layout, data);
  const measure = (name: Measure, channel: ChannelFamily | '' = ''): void =>
    actions.show({ kind: 'measure', measure: name, channel, windowMs: null });
  const before = 'value' in data.before ? data.before.value : undefined;
  part(layout.tiles, data.summary, before, (summary) => figures(summary, before, measure));
  part(layout.channels, data.summary, null, ({ channels }) => channelsTable(channels, measure));
  part(layout.fates, data.fates, null, (report) =>
    ledger(report, (fate, rule, channel) => actions.show({ kind: 'fate', fate, rule, channel })),
  );
  drawWindows(layout, plot, data.windows, state, actions);
}

function drawWindows(
  layout: Layout,
  plot: VolumeChart,
  windows: Loaded<readonly WindowRow[]>,
  { range: name, counted }: ViewState,
  actions: Actions,
): void {
  const range = rangeOf(name, Date.now());
  part(layout.replies, windows, range.windows, (rows) => {
    const { steps, count } = replySteps(rows, range);
    return replyTimes(steps, count);
  });
  if (!('value' in windows)) return;
  const volume = volumeOf(windows.value, range, counted);
  plot.show(volume, range.grain);
  layout.chart.classList.toggle('has-nothing', volume.total === 0);
  fill(layout.chartTable, [volume, counted], () =>
    volumeTable(volume, range.grain, counted, (windowMs) =>
      actions.show({ kind: 'measure', measure: 'created', channel: '', windowMs }),
    ),
  );
}

function drawFirstSteps({ empty }: Layout, { session }: DashboardData): void {
  const tenant = 'value' in session ? session.value : undefined;
  const name = tenant?.tenants.find(({ id }) => id === tenant.tenant)?.name ?? 'Fanin';
  fill(empty, name, () => nothingYet(document.body.dataset['smtpPort'] ?? '2525', name));
}

/** A region with its value, or with the reason why there is none. */
function part<T>(
  region: HTMLElement,
  loaded: Loaded<T>,
  signature: unknown,
  build: (value: T) => readonly Child[],
): void {
  if ('value' in loaded) fill(region, [loaded.value, signature], () => build(loaded.value));
  else fill(region, ['error', describeError(loaded.error)], () => [notice('bad', describeError(loaded.error))]);
}
