import { ApiError, describeError } from './api/client.js';
import { followChanges, throttled } from './api/live.js';
import type { ChannelFamily } from './api/types.js';
import { formatClock } from './format/time.js';
import { CHANNELS } from './format/words.js';
import { accounts } from './dashboard/accounts.js';
import { behindSection } from './dashboard/behind-section.js';
import { channelsTable } from './dashboard/channels-table.js';
import { DEFINITIONS } from './dashboard/definitions.js';
import { figures } from './dashboard/figures.js';
import { ledger } from './dashboard/ledger.js';
import { kept, loadDashboard, type DashboardData, type Loaded } from './dashboard/load.js';
import { nothingYet } from './dashboard/nothing-yet.js';
import { RANGE_LABELS, rangeOf, RANGES } from './dashboard/range.js';
import { replyTimes } from './dashboard/reply-times.js';
import { readViewState, writeViewState, type Measure, type Shown, type ViewState } from './dashboard/view-state.js';
import { replySteps, volumeOf } from './dashboard/volume.js';
import { volumeChart } from './dashboard/volume-chart.js';
import { volumeTable } from './dashboard/volume-table.js';
import type { Child } from './view/element.js';
import { h } from './view/element.js';
import { fill } from './view/fill.js';
import { pageHeader } from './view/header.js';
import { dropdown, notice, segmented, skeleton } from './view/parts.js';
import { term } from './view/term.js';

/** Events come before the figures that they change: analytics follows within a second or two. */
const GAP_MS = 2_000;

function start(): void {
  let state = readViewState(location.search);
  let data: DashboardData | undefined;
  let turn = 0;
  let readAt = 0;

  const header = pageHeader('dashboard', () => void reload());
  const controls = h('div', { class: 'controls' });
  const banner = h('div', { class: 'banner' });
  const tiles = h(
    'section',
    { class: 'figures', 'aria-label': 'Key figures', 'aria-busy': 'true' },
    ...Array.from({ length: 6 }, () => h('div', { class: 'figure' }, skeleton(3))),
  );
  const chart = h('div', { class: 'chart', 'aria-hidden': 'true' });
  const counted = h('div', { class: 'counted' });
  const chartTable = h('div', {
    class: 'scroll tall',
    tabindex: '0',
    role: 'region',
    'aria-label': 'Volume in figures',
  });
  const channels = h('div', { class: 'scroll-soft' }, skeleton(2));
  const replies = h('div', { class: 'replies-body' }, skeleton(9));
  const fates = h('div', { class: 'ledger' }, skeleton(4));
  const accountList = h('div', {}, skeleton(4));
  const empty = h('section', { class: 'card nothing-yet', hidden: true, 'aria-live': 'polite' });

  const card = (id: string, className: string, title: Child, end: Child, ...body: readonly Child[]): HTMLElement =>
    h(
      'section',
      { class: `card ${className}`, 'aria-labelledby': id },
      h('div', { class: 'card-head' }, h('h2', { id }, title), end),
      ...body,
    );
  const behind = behindSection((shown) => go({ ...state, shown }));
  const full = [
    tiles,
    card(
      'volume-title',
      'volume',
      term('Volume by channel', DEFINITIONS.volume, 'volume'),
      counted,
      chart,
      h('details', { 'data-key': 'volume-table' }, h('summary', {}, 'In figures'), chartTable),
      channels,
    ),
    card(
      'replies-title',
      'replies',
      term('How fast was the first reply?', DEFINITIONS.distribution, 'distribution'),
      null,
      replies,
    ),
    card('ledger-title', 'fates', term('Where every message went', DEFINITIONS.ledger, 'ledger'), null, fates),
  ];
  const accountCard = card(
    'accounts-title',
    'account-card',
    term('Channel accounts', DEFINITIONS.accounts, 'accounts'),
    null,
    accountList,
  );
  const grid = h('div', { class: 'grid' }, ...full, accountCard, behind.element);
  document.body.append(
    header.element,
    h(
      'main',
      { id: 'content', tabindex: '-1' },
      h('div', { class: 'page-head' }, h('h1', {}, 'Dashboard'), controls),
      banner,
      empty,
      grid,
    ),
  );

  const plot = volumeChart(chart, (windowMs) => show({ kind: 'measure', measure: 'created', channel: '', windowMs }));
  const show = (shown: Shown): void => go({ ...state, shown });
  const showMeasure = (measure: Measure, channel: ChannelFamily | '' = ''): void =>
    show({ kind: 'measure', measure, channel, windowMs: null });

  function go(next: ViewState): void {
    const moved = JSON.stringify(next.shown) !== JSON.stringify(state.shown);
    const figuresMoved = next.range !== state.range || next.channel !== state.channel;
    // A window belongs to the range it was clicked in.
    state =
      figuresMoved && next.shown.kind === 'measure' ? { ...next, shown: { ...next.shown, windowMs: null } } : next;
    history[moved ? 'pushState' : 'replaceState'](null, '', writeViewState(state));
    drawControls();
    if (figuresMoved) void reload();
    else if (!moved) draw();
    void behind.show(state, moved || figuresMoved);
  }

  function drawControls(): void {
    fill(controls, [state.range, state.channel], () => [
      dropdown<ChannelFamily | ''>(
        { id: 'channel', label: 'Channel', hideLabel: true },
        [
          { value: '', label: 'All channels' },
          ...(Object.keys(CHANNELS) as ChannelFamily[]).map((value) => ({ value, label: CHANNELS[value] })),
        ],
        state.channel,
        (channel) => go({ ...state, channel }),
      ),
      segmented(
        'range',
        'Span of time',
        RANGES.map((value) => ({ value, label: RANGE_LABELS[value] })),
        state.range,
        (range) => go({ ...state, range }),
      ),
    ]);
    fill(counted, state.counted, () => [
      segmented(
        'counted',
        'What is counted',
        [
          { value: 'tickets', label: 'Tickets' },
          { value: 'messages', label: 'Messages' },
        ],
        state.counted,
        (value) => go({ ...state, counted: value }),
      ),
    ]);
  }

  async function reload(): Promise<void> {
    tiles.setAttribute('aria-busy', 'true');
    await Promise.all([read(), behind.show(state, true)]);
  }

  async function read(): Promise<void> {
    const mine = (turn += 1);
    const asked = state;
    const fresh = await loadDashboard(asked, rangeOf(asked.range, Date.now()));
    if (mine !== turn) return;
    const parts = [fresh.summary, fresh.windows, fresh.fates, fresh.accounts];
    const failed = parts.filter((part): part is { error: unknown } => 'error' in part);
    drawBanner(
      failed.length === parts.length
        ? failed[0]?.error
        : failed.find(({ error }) => error instanceof ApiError && error.status === 401)?.error,
    );
    if (failed.length < parts.length) readAt = Date.now();
    const last = data;
    data = {
      ...fresh,
      summary: kept(fresh.summary, last?.summary),
      windows: kept(fresh.windows, last?.windows),
      fates: kept(fresh.fates, last?.fates),
      accounts: kept(fresh.accounts, last?.accounts),
    };
    tiles.removeAttribute('aria-busy');
    // With nothing to show at all the banner says it once.
    grid.hidden = failed.length === parts.length && last === undefined;
    if (grid.hidden) data = undefined;
    else draw();
  }

  function drawBanner(error: unknown): void {
    fill(banner, error === undefined ? null : [describeError(error), readAt], () => {
      if (error === undefined) return [];
      if (error instanceof ApiError && error.status === 401)
        return [notice('bad', 'You are logged out. ', h('a', { href: location.href }, 'Log in again'), '.')];
      return [
        notice(
          'bad',
          h('b', {}, describeError(error)),
          readAt === 0 ? ' ' : ` What you see is from ${formatClock(readAt)}. `,
          'This page tries again by itself. ',
          h('button', { type: 'button', class: 'button', on: { click: () => void reload() } }, 'Try now'),
        ),
      ];
    });
  }

  function part<T>(
    region: HTMLElement,
    loaded: Loaded<T>,
    signature: unknown,
    build: (value: T) => readonly Child[],
  ): void {
    if ('value' in loaded) fill(region, [loaded.value, signature], () => build(loaded.value));
    else fill(region, ['error', describeError(loaded.error)], () => [notice('bad', describeError(loaded.error))]);
  }

  function draw(): void {
    if (data === undefined) return;
    const { session, summary, before, windows, fates: report, accounts: list, isEmpty } = data;
    if ('value' in session) header.setSession(session.value);
    empty.hidden = !isEmpty;
    accountCard.classList.toggle('is-alone', isEmpty);
    for (const section of [...full, behind.element]) section.hidden = isEmpty;
    const minute = Math.floor(Date.now() / 60_000);
    part(accountList, list, minute, accounts);
    if (isEmpty) {
      const tenant = 'value' in session ? session.value : undefined;
      const name = tenant?.tenants.find(({ id }) => id === tenant.tenant)?.name ?? 'Fanin';
      return fill(empty, name, () => nothingYet(document.body.dataset['smtpPort'] ?? '2525', name));
    }
    const range = rangeOf(state.range, Date.now());
    part(tiles, summary, before, (value) => figures(value, 'value' in before ? before.value : undefined, showMeasure));
    part(channels, summary, null, (value) => channelsTable(value.channels, showMeasure));
    part(fates, report, null, (value) =>
      ledger(value, (fate, rule, channel) => show({ kind: 'fate', fate, rule, channel })),
    );
    if ('value' in windows) {
      const volume = volumeOf(windows.value, range, state.counted);
      plot.show(volume, range.grain);
      chart.classList.toggle('has-nothing', volume.total === 0);
      fill(chartTable, [volume, state.counted], () =>
        volumeTable(volume, range.grain, state.counted, (windowMs) =>
          show({ kind: 'measure', measure: 'created', channel: '', windowMs }),
        ),
      );
    }
    part(replies, windows, range.windows, (rows) => {
      const { steps, count } = replySteps(rows, range);
      return replyTimes(steps, count);
    });
  }

  const refresh = throttled(() => Promise.all([read(), behind.show(state, false)]).then(() => undefined), GAP_MS);
  addEventListener('popstate', () => {
    const next = readViewState(location.search);
    const moved = JSON.stringify(next.shown) !== JSON.stringify(state.shown);
    state = next;
    drawControls();
    void read();
    void behind.show(state, moved);
  });
  drawControls();
  void read();
  void behind.show(state, state.shown.kind !== 'latest');
  followChanges({
    onChange: () => {
      refresh();
      setTimeout(refresh, 2 * GAP_MS);
    },
    onState: (live) => header.setLive(live),
  });
}

start();
