import type { Message } from '../api/types.js';
import { changeWords } from '../format/words.js';
import type { Child } from '../view/element.js';
import { h } from '../view/element.js';
import { timeOf } from '../view/parts.js';
import { linkedText } from './linked-text.js';

/** What people put to a message. */
export function reactionList({ reactions }: Message): Child {
  if (reactions.length === 0) return null;
  return h(
    'ul',
    { class: 'reactions', 'aria-label': 'Reactions' },
    ...reactions.map(({ value, from }) =>
      h(
        'li',
        {},
        h('span', { class: 'reaction' }, value ?? 'reacted'),
        ' ',
        h('span', { class: 'quiet', dir: 'auto' }, from.name ?? from.id),
      ),
    ),
  );
}

/**
 * News about another message: a line that opens to what it replaced. When that message has not come, what the news holds is all
 * there is of it, and `whole` shows it.
 */
export function amendmentItem(message: Message, isTargetHere: boolean, whole: () => readonly Child[]): HTMLElement {
  const { amends } = message;
  const change = changeWords(amends?.change ?? '', message.flags);
  const earlier = amends?.earlier_text ?? null;
  // Its own words tell more than the name of the change; those of an edit stand in the message itself.
  const own = message.text.trim();
  const head = [
    h('span', { class: 'event-kind' }, change),
    h(
      'span',
      { class: 'event-subject', dir: 'auto' },
      isTargetHere
        ? earlier === null
          ? own === ''
            ? (amends?.value ?? '')
            : own
          : 'Show what it said before'
        : 'Its message has not come',
    ),
    timeOf(message.provider_time ?? message.received_at),
  ];
  const shell = (...inside: readonly Child[]): HTMLElement =>
    h(
      'article',
      { class: 'message message-event', id: `message-${message.id}`, 'aria-label': `${change}, news about a message` },
      ...inside,
    );
  if (isTargetHere && earlier === null) return shell(h('div', { class: 'event-line' }, head));
  return shell(
    h(
      'details',
      { open: !isTargetHere },
      h('summary', {}, head),
      isTargetHere
        ? [
            h('p', { class: 'quiet' }, 'What it said before:'),
            h('div', { class: 'text', dir: 'auto' }, linkedText(earlier ?? '')),
          ]
        : whole(),
    ),
  );
}
