import { h, icon, ICONS } from '../view/element.js';
import { skeleton } from '../view/parts.js';

/** The regions of the page, drawn once. */
export interface TicketLayout {
  readonly main: HTMLElement;
  readonly heading: HTMLElement;
  readonly about: HTMLElement;
  readonly banner: HTMLElement;
  /** The ticket came: what waits for it is shown. */
  setLoaded(): void;
  /** There is none: nothing goes on waiting. */
  setGone(): void;
}

export function ticketLayout(
  tasks: HTMLElement,
  talk: HTMLElement,
  write: HTMLElement,
  side: HTMLElement,
): TicketLayout {
  const heading = h('h1', {}, 'Ticket');
  const about = h('p', { class: 'ticket-about' });
  const banner = h('div', { class: 'banner' });
  const loading = h('div', { class: 'message loading' }, skeleton(6));
  const sideBox = h('details', { class: 'side-box', hidden: true }, h('summary', {}, 'About this ticket'), side);
  // Beside the conversation there is room for it; below the heading of a phone it waits until it is asked for.
  const wide = matchMedia('(min-width: 60rem)');
  const arrange = (): void => {
    sideBox.open = wide.matches;
  };
  wide.addEventListener('change', arrange);
  arrange();
  write.hidden = true;
  const answer = h('a', { class: 'to-answer', href: '#answer' }, 'Jump to the answer');
  const back = h('a', { class: 'back', href: '/' }, icon(ICONS.back), 'Dashboard');
  const head = h('div', { class: 'ticket-head' }, back, heading, about, answer);
  const column = h('div', { class: 'ticket-main' }, tasks, loading, talk, write);
  return {
    main: h(
      'main',
      { id: 'content', tabindex: '-1', class: 'ticket-page' },
      head,
      banner,
      h('div', { class: 'ticket-grid' }, column, sideBox),
    ),
    heading,
    about,
    banner,
    setLoaded() {
      loading.remove();
      write.hidden = false;
      sideBox.hidden = false;
    },
    setGone() {
      loading.remove();
      answer.remove();
    },
  };
}
