import type { Child } from '../view/element.js';
import { h } from '../view/element.js';
import { skeleton } from '../view/parts.js';
import { term } from '../view/term.js';
import { DEFINITIONS } from './definitions.js';

/** The regions of the page, drawn once; what is in them comes and goes. */
export interface Layout {
  readonly main: HTMLElement;
  readonly controls: HTMLElement;
  readonly banner: HTMLElement;
  readonly empty: HTMLElement;
  readonly grid: HTMLElement;
  readonly tiles: HTMLElement;
  readonly counted: HTMLElement;
  readonly chart: HTMLElement;
  readonly chartTable: HTMLElement;
  readonly channels: HTMLElement;
  readonly replies: HTMLElement;
  readonly fates: HTMLElement;
  readonly accounts: HTMLElement;
  /** Shows either everything, or only the first steps and the accounts. */
  setEmpty(isEmpty: boolean): void;
}

export function dashboardLayout(behind: HTMLElement): Layout {
  const regions = {
    controls: h('div', { class: 'controls' }),
    banner: h('div', { class: 'banner' }),
    empty: h('section', { class: 'card nothing-yet', hidden: true, 'aria-live': 'polite' }),
    tiles: h('section', { class: 'figures', 'aria-label': 'Key figures', 'aria-busy': 'true' }, waitingTiles()),
    counted: h('div', { class: 'counted' }),
    chart: h('div', { class: 'chart', 'aria-hidden': 'true' }),
    chartTable: h('div', {
      class: 'scroll tall',
      tabindex: '0',
      role: 'region',
      'aria-label': 'Volume in figures',
    }),
    channels: h('div', { class: 'scroll-soft' }, skeleton(3)),
    replies: h('div', { class: 'replies-body' }, skeleton(9)),
    fates: h('div', { class: 'ledger' }, skeleton(6)),
    accounts: h('div', {}, skeleton(4)),
  };
  const { tiles, counted, chart, chartTable, channels, replies, fates, accounts } = regions;
  const figures = h('details', { 'data-key': 'volume-table' }, h('summary', {}, 'In figures'), chartTable);
  const accountCard = card('accounts', 'Channel accounts', null, accounts);
  const full = [
    tiles,
    card('volume', 'Volume by channel', counted, chart, figures, channels),
    card('distribution', 'How fast was the first reply?', null, replies),
    card('ledger', 'Where every message went', null, fates),
    behind,
  ];
  const grid = h('div', { class: 'grid' }, ...full.slice(0, -1), accountCard, behind);
  const head = h('div', { class: 'page-head' }, h('h1', {}, 'Dashboard'), regions.controls);
  const main = h('main', { id: 'content', tabindex: '-1' }, head, regions.banner, regions.empty, grid);
  return {
    ...regions,
    main,
    grid,
    setEmpty(isEmpty) {
      regions.empty.hidden = !isEmpty;
      accountCard.classList.toggle('is-alone', isEmpty);
      for (const section of full) section.hidden = isEmpty;
    },
  };
}

function waitingTiles(): Child {
  return Array.from({ length: 6 }, () => h('div', { class: 'figure' }, skeleton(3)));
}

type Described = 'volume' | 'distribution' | 'ledger' | 'accounts';

function card(name: Described, title: string, end: Child, ...body: readonly Child[]): HTMLElement {
  const id = `${name}-title`;
  return h(
    'section',
    { class: `card ${name}-card`, 'aria-labelledby': id },
    h('div', { class: 'card-head' }, h('h2', { id }, term(title, DEFINITIONS[name], name)), end),
    ...body,
  );
}
