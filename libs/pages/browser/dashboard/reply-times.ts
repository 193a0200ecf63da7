import { formatCount, plural } from '../format/duration.js';
import type { Child } from '../view/element.js';
import { h } from '../view/element.js';
import type { ReplyStep } from './volume.js';

/** Waiting times as bars that are read from above to below. */
export function replyTimes(steps: readonly ReplyStep[], count: number): Child[] {
  if (count === 0) return [h('p', { class: 'quiet' }, 'No first reply was written in this span.')];
  const most = Math.max(...steps.map((step) => step.count));
  return [
    h(
      'ol',
      { class: 'steps', 'aria-label': `${plural(count, 'first reply', 'first replies')} by waiting time` },
      ...steps.map((step) => {
        const bar = h('span', { class: 'bar', 'aria-hidden': 'true' });
        bar.style.width = `${(step.count / most) * 100}%`;
        return h(
          'li',
          { class: step.count === 0 ? 'none' : null },
          h('span', { class: 'step' }, step.label),
          h('span', { class: 'track' }, bar),
          h('span', { class: 'count' }, formatCount(step.count)),
        );
      }),
    ),
  ];
}
