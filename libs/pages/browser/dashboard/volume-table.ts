import { formatCount } from '../format/duration.js';
import { formatClock, formatDay } from '../format/time.js';
import { CHANNELS } from '../format/words.js';
import type { Child } from '../view/element.js';
import { h } from '../view/element.js';
import type { Volume } from './volume.js';

/** The chart in figures, for screen readers, the keyboard and everyone who wants them exact. */
export function volumeTable(
  volume: Volume,
  grain: 'hour' | 'day',
  counted: 'tickets' | 'messages',
  pick: (windowMs: number) => void,
): Child[] {
  const rows = volume.windows
    .map((at, i) => ({ at, counts: volume.series.map(({ counts }) => counts[i] ?? 0) }))
    .filter(({ counts }) => counts.some((count) => count > 0))
    .reverse();
  if (rows.length === 0) return [h('p', { class: 'quiet' }, `No ${counted} in this span.`)];
  const nameOf = (at: number): string =>
    grain === 'hour'
      ? `${formatDay(at - new Date(at).getTimezoneOffset() * 60_000)}, ${formatClock(at)}`
      : formatDay(at);
  return [
    h(
      'table',
      { class: 'compact' },
      h('caption', { class: 'hidden' }, `Volume: ${counted} for each ${grain} and channel`),
      h(
        'thead',
        {},
        h(
          'tr',
          {},
          h('th', { scope: 'col' }, grain === 'hour' ? 'Hour' : 'Day (UTC)'),
          ...volume.series.map(({ channel }) => h('th', { scope: 'col', class: 'num' }, CHANNELS[channel])),
          h('th', { scope: 'col', class: 'num' }, 'Sum'),
        ),
      ),
      h(
        'tbody',
        {},
        ...rows.map(({ at, counts }) => {
          const sum = counts.reduce((a, b) => a + b, 0);
          return h(
            'tr',
            {},
            h('th', { scope: 'row' }, nameOf(at)),
            ...counts.map((count) => h('td', { class: 'num' }, formatCount(count))),
            h(
              'td',
              { class: 'num' },
              h(
                'button',
                {
                  type: 'button',
                  class: 'link',
                  'data-key': `window-${at}`,
                  'aria-label': `${nameOf(at)}: ${formatCount(sum)} ${counted}. Show the tickets opened then.`,
                  on: { click: () => pick(at) },
                },
                formatCount(sum),
              ),
            ),
          );
        }),
      ),
    ),
  ];
}
