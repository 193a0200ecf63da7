import type { ChannelFamily, ChannelFigures } from '../api/types.js';
import { formatCount, formatDuration } from '../format/duration.js';
import { CHANNELS } from '../format/words.js';
import type { Child } from '../view/element.js';
import { h } from '../view/element.js';
import type { Measure } from './view-state.js';

/** Legend of the chart and figures of each channel in one. */
export function channelsTable(
  channels: readonly ChannelFigures[],
  show: (measure: Measure, channel: ChannelFamily) => void,
): Child[] {
  if (channels.length === 0) return [];
  const number = (row: ChannelFigures, measure: Measure, text: string, what: string): HTMLElement =>
    h(
      'td',
      { class: 'num' },
      h(
        'button',
        {
          type: 'button',
          class: 'link',
          'data-key': `channel-${row.channel}-${measure}`,
          'aria-label': `${CHANNELS[row.channel]}, ${what}: ${text}. Show the tickets.`,
          on: { click: () => show(measure, row.channel) },
        },
        text,
      ),
    );
  return [
    h(
      'table',
      { class: 'compact' },
      h('caption', { class: 'hidden' }, 'Figures of each channel'),
      h(
        'thead',
        {},
        h(
          'tr',
          {},
          ...['Channel', 'New', 'Backlog', 'First reply', '90 %'].map((label, i) =>
            h('th', { scope: 'col', class: i === 0 ? null : 'num' }, label),
          ),
        ),
      ),
      h(
        'tbody',
        {},
        ...channels.map((row) =>
          h(
            'tr',
            {},
            h(
              'th',
              { scope: 'row' },
              h('span', { class: `swatch swatch-${row.channel}`, 'aria-hidden': 'true' }),
              CHANNELS[row.channel],
            ),
            number(row, 'created', formatCount(row.created_count), 'new tickets'),
            number(row, 'backlog', formatCount(row.backlog_count), 'backlog'),
            number(row, 'first_reply', formatDuration(row.first_reply_p50), 'first reply, median'),
            h('td', { class: 'num' }, formatDuration(row.first_reply_p90)),
          ),
        ),
      ),
    ),
  ];
}
