import type { Message } from '../api/types.js';
import { h } from '../view/element.js';
import { messageItem, nameOf, type Surroundings } from './message-item.js';

export interface Conversation {
  readonly element: HTMLElement;
  /** Shows these messages. Those that did not change stay as they are: opened quotes and frames stay open. */
  show(messages: readonly Message[]): void;
}

export function conversation(): Conversation {
  const shown = new Map<string, { readonly signature: string; readonly element: HTMLElement }>();
  const list = h('div', { class: 'messages' });
  const spoken = h('p', { class: 'hidden', role: 'status' });
  const jump = h('button', { type: 'button', class: 'new-below', hidden: true }, 'New message below');
  jump.addEventListener('click', () => {
    jump.hidden = true;
    list.lastElementChild?.scrollIntoView({ block: 'center' });
  });
  let isFirst = true;

  const show = (messages: readonly Message[]): void => {
    const fresh = messages.filter(({ id }) => !shown.has(id));
    const before = shown.size;
    const isMixed = new Set(messages.flatMap(({ visibility }) => visibility ?? [])).size > 1;
    const ids = new Set(messages.map(({ id }) => id));
    let previous: Element | null = null;
    for (const message of messages) {
      const isTargetHere = message.amends !== null && ids.has(message.amends.message_id);
      const element = elementOf(message, { isMixed, isTargetHere });
      const place: Element | null = previous === null ? list.firstElementChild : previous.nextElementSibling;
      if (place !== element) list.insertBefore(element, place);
      previous = element;
    }
    for (const [id, { element }] of shown) {
      if (ids.has(id)) continue;
      element.remove();
      shown.delete(id);
    }
    if (!isFirst && fresh.length > 0) announce(fresh, before);
    isFirst = false;
  };

  const elementOf = (message: Message, around: Surroundings): HTMLElement => {
    const signature = JSON.stringify([message, around]);
    const known = shown.get(message.id);
    if (known?.signature === signature) return known.element;
    const element = messageItem(message, around);
    known?.element.replaceWith(element);
    shown.set(message.id, { signature, element });
    return element;
  };

  const announce = (fresh: readonly Message[], before: number): void => {
    const last = fresh.filter(({ amends }) => amends === null).at(-1);
    if (last === undefined || before === 0) return;
    spoken.textContent =
      last.direction === 'inbound' ? `New message from ${nameOf(last.from)}` : 'Your message was added';
    const box = list.lastElementChild?.getBoundingClientRect();
    jump.hidden = last.direction !== 'inbound' || box === undefined || box.top < innerHeight;
  };
  const end = h('div', { class: 'end-mark', 'aria-hidden': 'true' });
  new IntersectionObserver((entries) => {
    if (entries.some(({ isIntersecting }) => isIntersecting)) jump.hidden = true;
  }).observe(end);
  return {
    element: h('section', { class: 'conversation', 'aria-label': 'Conversation' }, list, end, jump, spoken),
    show,
  };
}
