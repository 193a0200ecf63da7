import { ApiError } from './api/client.js';
import { followChanges, throttled } from './api/live.js';
import { behindSection } from './dashboard/behind-section.js';
import { drawBanner, drawControls, drawData, type Actions } from './dashboard/draw.js';
import { dashboardLayout } from './dashboard/layout.js';
import { kept, loadDashboard, type DashboardData } from './dashboard/load.js';
import { rangeOf } from './dashboard/range.js';
import { readViewState, writeViewState, type Shown, type ViewState } from './dashboard/view-state.js';
import { volumeChart } from './dashboard/volume-chart.js';
import { pageHeader } from './view/header.js';

/** Events come before the figures that they change: analytics follows within a second or two. */
const GAP_MS = 2_000;

class Dashboard implements Actions {
  private state: ViewState = readViewState(location.search);
  private data: DashboardData | undefined;
  private readAt = 0;
  /** The latest reading; an answer to an earlier one is no longer wanted. */
  private turn = 0;
  private readonly header = pageHeader('dashboard', () => this.retry());
  private readonly behind = behindSection((shown) => this.show(shown));
  private readonly layout = dashboardLayout(this.behind.element);
  private readonly plot = volumeChart(this.layout.chart, (windowMs) =>
    this.show({ kind: 'measure', measure: 'created', channel: '', windowMs }),
  );

  start(): void {
    document.body.append(this.header.element, this.layout.main);
    drawControls(this.layout, this.state, this);
    void this.read();
    void this.behind.show(this.state, this.state.shown.kind !== 'latest');
    const refresh = throttled(
      () => Promise.all([this.read(), this.behind.show(this.state, false)]).then(() => undefined),
      GAP_MS,
    );
    followChanges({
      onChange: () => {
        refresh();
        setTimeout(refresh, 2 * GAP_MS);
      },
      onState: (live) => this.header.setLive(live),
    });
    addEventListener('popstate', () => this.comeBack());
  }

  show(shown: Shown): void {
    this.go({ shown });
  }

  go(wanted: Partial<ViewState>): void {
    const last = this.state;
    const next = { ...last, ...wanted };
    const moved = JSON.stringify(next.shown) !== JSON.stringify(last.shown);
    const figuresMoved = next.range !== last.range || next.channel !== last.channel;
    // A window belongs to the range it was clicked in.
    const shown: Shown = figuresMoved && next.shown.kind === 'measure' ? { ...next.shown, windowMs: null } : next.shown;
    this.state = { ...next, shown };
    history[moved ? 'pushState' : 'replaceState'](null, '', writeViewState(this.state));
    drawControls(this.layout, this.state, this);
    if (figuresMoved) this.retry();
    else if (moved) void this.behind.show(this.state, true);
    else this.draw();
  }

  retry(): void {
    this.layout.tiles.setAttribute('aria-busy', 'true');
    void this.read();
    void this.behind.show(this.state, true);
  }

  private comeBack(): void {
    const last = this.state;
    this.state = readViewState(location.search);
    drawControls(this.layout, this.state, this);
    void this.read();
    void this.behind.show(this.state, JSON.stringify(last.shown) !== JSON.stringify(this.state.shown));
  }

  private async read(): Promise<void> {
    const mine = (this.turn += 1);
    const fresh = await loadDashboard(this.state, rangeOf(this.state.range, Date.now()));
    if (mine !== this.turn) return;
    const parts = [fresh.summary, fresh.windows, fresh.fates, fresh.accounts];
    const errors = parts.flatMap((part) => ('error' in part ? [part.error] : []));
    const isAway = errors.length === parts.length;
    const loggedOut = errors.find((error) => error instanceof ApiError && error.status === 401);
    if (!isAway) this.readAt = Date.now();
    drawBanner(this.layout, isAway ? errors[0] : loggedOut, this.readAt, this);
    this.layout.tiles.removeAttribute('aria-busy');
    // With nothing to show at all the banner says it once.
    this.layout.grid.hidden = isAway && this.data === undefined;
    if (this.layout.grid.hidden) return;
    this.data = {
      ...fresh,
      summary: kept(fresh.summary, this.data?.summary),
      windows: kept(fresh.windows, this.data?.windows),
      fates: kept(fresh.fates, this.data?.fates),
      accounts: kept(fresh.accounts, this.data?.accounts),
      isEmpty: isAway ? (this.data?.isEmpty ?? false) : fresh.isEmpty,
    };
    this.draw();
  }

  private draw(): void {
    if (this.data === undefined) return;
    if ('value' in this.data.session) this.header.setSession(this.data.session.value);
    drawData(this.layout, this.plot, this.data, this.state, this);
  }
}

new Dashboard().start();
