import type { Summary } from '../api/types.js';
import { formatCount, formatDuration, NOTHING, plural } from '../format/duration.js';
import type { Child } from '../view/element.js';
import { h } from '../view/element.js';
import { term } from '../view/term.js';
import { DEFINITIONS } from './definitions.js';
import type { Measure } from './view-state.js';

interface Figure {
  readonly measure: Measure;
  readonly label: string;
  readonly meaning: string;
  readonly value: string;
  /** Said by screen readers together with the value. */
  readonly spoken: string;
  readonly notes: readonly Child[];
}

const EARLIER = ' “before” is the same length of time directly before.';

/** The row of large numbers; each is a button that shows the tickets behind it. `before`: the same span earlier. */
export function figures(now: Summary, before: Summary | undefined, show: (measure: Measure) => void): Child[] {
  return figuresOf(now, before, show).map(({ measure, label, meaning, value, spoken, notes }) =>
    h(
      'div',
      { class: 'figure' },
      h('h2', {}, term(label, `${meaning}${measure === 'backlog' ? '' : EARLIER}`, measure)),
      h(
        'button',
        {
          type: 'button',
          class: 'number',
          'data-key': `figure-${measure}`,
          'data-figure': measure,
          'aria-label': `${label}: ${spoken}. Show the tickets.`,
          on: { click: () => show(measure) },
        },
        value,
      ),
      ...notes.map((note) => h('p', { class: 'note' }, note)),
    ),
  );
}

function figuresOf(now: Summary, before: Summary | undefined, show: (measure: Measure) => void): Figure[] {
  const earlier = (text: string | undefined): Child =>
    text === undefined || text === NOTHING ? ' ' : `before: ${text}`;
  const counted = (measure: 'created' | 'solved' | 'reopened', label: string): Figure => {
    const value = formatCount(now[`${measure}_count`]);
    const then = before === undefined ? undefined : formatCount(before[`${measure}_count`]);
    return { measure, label, meaning: DEFINITIONS[measure], value, spoken: value, notes: [earlier(then)] };
  };
  const timed = (measure: 'first_reply' | 'full_resolution', label: string, of: string): Figure => {
    const { p50, p90, count } = now.durations[measure];
    const value = formatDuration(p50);
    const spoken = p50 === null ? 'none in this span' : `median ${value}, nine of ten within ${formatDuration(p90)}`;
    const then = before === undefined ? undefined : formatDuration(before.durations[measure].p50);
    const notes = [
      h('span', {}, '90 % within ', h('b', {}, formatDuration(p90))),
      h('span', {}, `${plural(count, of, of === 'reply' ? 'replies' : undefined)}`),
      earlier(then),
    ];
    return { measure, label, meaning: DEFINITIONS[measure], value, spoken, notes };
  };
  const unreplied = h(
    'button',
    { type: 'button', class: 'link', 'data-key': 'figure-unreplied', on: { click: () => show('unreplied') } },
    'without a reply',
  );
  return [
    timed('first_reply', 'First reply', 'reply'),
    timed('full_resolution', 'Full resolution', 'resolution'),
    counted('created', 'New tickets'),
    counted('solved', 'Solved'),
    counted('reopened', 'Reopened'),
    {
      measure: 'backlog',
      label: 'Backlog',
      meaning: DEFINITIONS.backlog,
      value: formatCount(now.backlog_count),
      spoken: `${formatCount(now.backlog_count)} now`,
      notes: ['now, not solved yet', unreplied],
    },
  ];
}
