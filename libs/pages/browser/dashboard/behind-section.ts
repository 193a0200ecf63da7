import { describeError } from '../api/client.js';
import type { TicketStatus } from '../api/types.js';
import { formatClock, formatDay } from '../format/time.js';
import { CHANNELS, FATE_WORDS, humanise, STATUSES } from '../format/words.js';
import type { Child } from '../view/element.js';
import { h } from '../view/element.js';
import { fill } from '../view/fill.js';
import { dropdown, notice, skeleton } from '../view/parts.js';
import { behindTable } from './behind.js';
import { MEASURE_TITLES } from './definitions.js';
import { fetchBehind, joined, type Behind } from './drill.js';
import { RANGE_LABELS, rangeOf } from './range.js';
import { LATEST, type Shown, type ViewState } from './view-state.js';

export interface BehindSection {
  readonly element: HTMLElement;
  /** Reads again; `moved` when a person asked for something else, which is then brought into view. */
  show(state: ViewState, moved: boolean): Promise<void>;
}

/** The table at the bottom: latest tickets, or what is behind the number that was clicked. */
export function behindSection(choose: (shown: Shown) => void): BehindSection {
  const heading = h('h2', { tabindex: '-1', id: 'behind-title' });
  const about = h('p', { class: 'quiet' });
  const tools = h('div', { class: 'tools' });
  const body = h('div', { class: 'behind-body' }, skeleton(6));
  const more = h('div', { class: 'more' });
  const element = h(
    'section',
    { class: 'card behind', 'aria-labelledby': 'behind-title' },
    h('div', { class: 'card-head' }, h('div', {}, heading, about), tools),
    body,
    more,
  );
  let asked = 0;
  let behind: Behind | undefined;
  let pages = 0;
  let drawn: string | undefined;

  const draw = (state: ViewState): void => {
    if (behind === undefined) return;
    const shown = behind;
    fill(body, [shown, shown.kind === 'facts' ? [...shown.titles.keys()] : 0, Math.floor(Date.now() / 60_000)], () =>
      behindTable(shown),
    );
    fill(more, [shown.next, state.shown], () =>
      shown.next === null
        ? []
        : [
            h(
              'button',
              { type: 'button', class: 'button', 'data-key': 'more', on: { click: () => void next(state) } },
              'Show more',
            ),
          ],
    );
  };
  const next = async (state: ViewState): Promise<void> => {
    if (behind?.next === undefined || behind.next === null) return;
    const ticket = (asked += 1);
    const added = await fetchBehind(state, rangeOf(state.range, Date.now()), behind.next).catch(() => undefined);
    if (ticket !== asked || added === undefined) return;
    behind = joined(behind, added);
    pages += 1;
    draw(state);
  };

  return {
    element,
    async show(state, moved) {
      if (!moved && pages > 1) return;
      const ticket = (asked += 1);
      fill(heading, titleOf(state), () => [titleOf(state)]);
      fill(about, aboutOf(state), () => [aboutOf(state)]);
      fill(tools, [state.shown.kind, state.shown.kind === 'latest' ? state.shown.status : ''], () =>
        toolsOf(state.shown, choose),
      );
      if (moved) body.setAttribute('aria-busy', 'true');
      // Rows of one number never stand under the title of another.
      if (drawn !== JSON.stringify(state.shown)) {
        drawn = JSON.stringify(state.shown);
        behind = undefined;
        fill(body, ['waiting', drawn], () => [skeleton(8)]);
        fill(more, null, () => []);
      }
      try {
        const found = await fetchBehind(state, rangeOf(state.range, Date.now()), null);
        if (ticket !== asked) return;
        behind = found;
        pages = 1;
        draw(state);
      } catch (error) {
        if (ticket !== asked) return;
        if (behind === undefined || moved)
          fill(body, ['error', describeError(error)], () => [notice('bad', describeError(error))]);
      } finally {
        if (ticket === asked) body.removeAttribute('aria-busy');
      }
      if (moved && state.shown.kind !== 'latest') {
        heading.focus({ preventScroll: true });
        element.scrollIntoView({
          block: 'start',
          behavior: matchMedia('(prefers-reduced-motion: reduce)').matches ? 'auto' : 'smooth',
        });
      }
    },
  };
}

function titleOf({ shown }: ViewState): string {
  switch (shown.kind) {
    case 'latest':
      return 'Tickets';
    case 'measure':
      return MEASURE_TITLES[shown.measure];
    case 'fate':
      return shown.fate === '' ? 'Everything captured' : `Deliveries ${FATE_WORDS[shown.fate].label}`;
  }
}

function aboutOf({ shown, range, channel }: ViewState): string {
  const of = shown.kind === 'latest' || shown.channel === '' ? channel : shown.channel;
  const channels = of === '' ? 'all channels' : CHANNELS[of];
  const span =
    shown.kind === 'latest' ||
    (shown.kind === 'measure' && (shown.measure === 'backlog' || shown.measure === 'unreplied'))
      ? 'now'
      : range === 'today'
        ? 'today'
        : `last ${RANGE_LABELS[range]}`;
  switch (shown.kind) {
    case 'latest':
      return `Latest change first, ${channels}`;
    case 'measure':
      return shown.windowMs === null
        ? `${channels}, ${span}`
        : `${channels}, ${rangeOf(range, shown.windowMs).grain === 'hour' ? `${formatClock(shown.windowMs)} – ${formatClock(shown.windowMs + 3_600_000)}` : formatDay(shown.windowMs)}`;
    case 'fate':
      return [shown.rule === '' ? '' : `by rule ${humanise(shown.rule).toLowerCase()}`, channels, span]
        .filter((part) => part !== '')
        .join(', ');
  }
}

function toolsOf(shown: Shown, choose: (shown: Shown) => void): Child[] {
  if (shown.kind !== 'latest')
    return [
      h(
        'button',
        { type: 'button', class: 'button', 'data-key': 'show-latest', on: { click: () => choose(LATEST) } },
        'Show all tickets',
      ),
    ];
  const search = h('input', {
    type: 'search',
    id: 'search',
    'data-key': 'search',
    placeholder: 'Search subject and messages',
    autocomplete: 'off',
    maxlength: '200',
  });
  search.value = shown.search;
  const status = Object.entries(STATUSES).map(([value, label]) => ({ value: value as TicketStatus, label }));
  const form = h(
    'form',
    { class: 'search', role: 'search' },
    h('label', { for: 'search', class: 'hidden' }, 'Search tickets'),
    search,
  );
  const submit = (): void => choose({ ...shown, search: search.value.trim() });
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    submit();
  });
  search.addEventListener('search', submit);
  return [
    form,
    dropdown<TicketStatus | ''>(
      { id: 'status', label: 'Status', hideLabel: true },
      [{ value: '', label: 'Every status' }, ...status],
      shown.status,
      (value) => choose({ ...shown, search: search.value.trim(), status: value }),
    ),
  ];
}
