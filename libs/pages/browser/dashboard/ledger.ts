import type { ChannelFamily, FateName, FateReport } from '../api/types.js';
import { formatCount } from '../format/duration.js';
import { CHANNELS, FATE_WORDS, humanise } from '../format/words.js';
import type { Child } from '../view/element.js';
import { h, icon, ICONS } from '../view/element.js';
import { term } from '../view/term.js';

export type FateOrFlight = FateName | 'in_flight';

const ORDER = Object.keys(FATE_WORDS) as FateOrFlight[];

export interface LedgerSum {
  readonly captured: number;
  readonly terms: readonly { readonly fate: FateOrFlight; readonly count: number }[];
  /** What is missing (or too much); 0 when it adds up. */
  readonly difference: number;
}

/** captured = sum of fates + in flight, recomputed here so that the page proves it rather than says it. */
export function sumOf(report: Pick<FateReport, 'captured' | 'in_flight' | 'fates'>): LedgerSum {
  const terms = ORDER.map((fate) => ({ fate, count: fate === 'in_flight' ? report.in_flight : report.fates[fate] }));
  return {
    captured: report.captured,
    terms,
    difference: report.captured - terms.reduce((total, { count }) => total + count, 0),
  };
}

export type ShowFate = (fate: FateOrFlight | '', rule: string, channel: ChannelFamily | '') => void;

export function ledger(report: FateReport, show: ShowFate): Child[] {
  const sum = sumOf(report);
  return [
    equation(sum, show),
    proof(sum),
    sum.captured > 0 && proportions(sum),
    rules(report, show),
    byChannel(report, show),
  ];
}

function equation({ captured, terms }: LedgerSum, show: ShowFate): HTMLElement {
  const total = h(
    'div',
    { class: 'sum-term' },
    h(
      'button',
      {
        type: 'button',
        class: 'number',
        'data-key': 'fate-captured',
        'aria-label': `captured: ${formatCount(captured)}. Show the deliveries.`,
        on: { click: () => show('', '', '') },
      },
      formatCount(captured),
    ),
    term(
      'captured',
      'Everything that the channels took in, kept in the provider’s own bytes before it was acknowledged.',
      'captured',
    ),
  );
  return h(
    'div',
    { class: 'equation' },
    total,
    ...terms.map(({ fate, count }, i) =>
      h(
        'div',
        { class: 'sum-group' },
        h('span', { class: 'operator', 'aria-hidden': 'true' }, i === 0 ? '=' : '+'),
        h(
          'div',
          { class: count === 0 ? 'sum-term none' : 'sum-term' },
          h(
            'button',
            {
              type: 'button',
              class: 'number',
              'data-key': `fate-${fate}`,
              'data-fate': fate,
              'aria-label': `${FATE_WORDS[fate].label}: ${formatCount(count)}. Show the deliveries.`,
              on: { click: () => show(fate, '', '') },
            },
            formatCount(count),
          ),
          term(FATE_WORDS[fate].label, FATE_WORDS[fate].meaning, fate),
        ),
      ),
    ),
  );
}

function proof({ captured, terms, difference }: LedgerSum): HTMLElement {
  if (difference !== 0) {
    return h(
      'p',
      { class: 'proof wrong', role: 'alert' },
      icon(ICONS.cross),
      `This does not add up: ${formatCount(Math.abs(difference))} ${difference > 0 ? 'without a fate' : 'too many'}. Please report it; nothing is lost, the originals are kept.`,
    );
  }
  const added = terms.filter(({ count }) => count > 0).map(({ count }) => formatCount(count));
  const text =
    captured === 0
      ? 'Nothing was captured in this span.'
      : `It adds up: ${added.join(' + ')} = ${formatCount(captured)}. Nothing is lost.`;
  return h('p', { class: 'proof' }, captured > 0 && icon(ICONS.check), text);
}

function proportions({ captured, terms }: LedgerSum): HTMLElement {
  return h(
    'div',
    { class: 'proportions', 'aria-hidden': 'true' },
    ...terms
      .filter(({ count }) => count > 0)
      .map(({ fate, count }) => {
        const part = h('span', { class: `fate-${fate}` });
        part.style.flexGrow = String(Math.max(count / captured, 0.006));
        return part;
      }),
  );
}

/** The rules that decided other than accepted, so that a person sees why. */
function rules({ rules: all }: FateReport, show: ShowFate): Child {
  const named = all.filter(({ fate, rule }) => fate !== 'accepted' && rule !== null);
  if (named.length === 0) return null;
  const counts = new Map<string, { fate: FateName; rule: string; count: number }>();
  for (const { fate, rule, count } of named) {
    const key = `${fate} ${rule ?? ''}`;
    counts.set(key, { fate, rule: rule ?? '', count: (counts.get(key)?.count ?? 0) + count });
  }
  return h(
    'div',
    { class: 'rules' },
    h('h3', {}, 'Decided by rule'),
    h(
      'ul',
      {},
      ...[...counts.values()]
        .sort((a, b) => b.count - a.count)
        .map(({ fate, rule, count }) =>
          h(
            'li',
            {},
            h(
              'button',
              {
                type: 'button',
                class: 'pill',
                'data-key': `rule-${fate}-${rule}`,
                on: { click: () => show(fate, rule, '') },
              },
              h('b', {}, formatCount(count)),
              ` ${humanise(rule)}`,
              h('span', { class: 'quiet' }, ` ${FATE_WORDS[fate].label}`),
            ),
          ),
        ),
    ),
  );
}

function byChannel(report: FateReport, show: ShowFate): Child {
  if (report.channels.length === 0) return null;
  const columns = ORDER.filter((fate) => sumOf(report).terms.some((part) => part.fate === fate && part.count > 0));
  return h(
    'details',
    { 'data-key': 'ledger-channels', open: true },
    h('summary', { 'data-key': 'ledger-channels-summary' }, 'By channel'),
    h(
      'div',
      { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': 'Fates by channel' },
      h(
        'table',
        { class: 'compact' },
        h(
          'thead',
          {},
          h(
            'tr',
            {},
            h('th', { scope: 'col' }, 'Channel'),
            h('th', { scope: 'col', class: 'num' }, 'captured'),
            ...columns.map((fate) => h('th', { scope: 'col', class: 'num' }, FATE_WORDS[fate].label)),
          ),
        ),
        h(
          'tbody',
          {},
          ...report.channels.map((row) =>
            h(
              'tr',
              {},
              h('th', { scope: 'row' }, CHANNELS[row.channel]),
              ...['' as const, ...columns].map((fate) => {
                const count =
                  fate === '' ? row.captured : (sumOf(row).terms.find((part) => part.fate === fate)?.count ?? 0);
                const label = `${CHANNELS[row.channel]}, ${fate === '' ? 'captured' : FATE_WORDS[fate].label}: ${formatCount(count)}. Show the deliveries.`;
                return h(
                  'td',
                  { class: 'num' },
                  h(
                    'button',
                    {
                      type: 'button',
                      class: 'link',
                      'aria-label': label,
                      on: { click: () => show(fate, '', row.channel) },
                    },
                    formatCount(count),
                  ),
                );
              }),
            ),
          ),
        ),
      ),
    ),
  );
}
