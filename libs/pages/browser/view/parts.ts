import type { ChannelFamily, Ticket, TicketStatus, Visibility } from '../api/types.js';
import { formatAgo, formatExactTime, formatTime, isoOf, type Instant } from '../format/time.js';
import { CHANNELS, STATUSES, VISIBILITY_WORDS } from '../format/words.js';
import type { Child } from './element.js';
import { h, icon, ICONS } from './element.js';

/** A time for people and machines; the exact one in its title. */
export function timeOf(at: Instant, style: 'ago' | 'full' = 'full'): HTMLElement {
  const now = Date.now();
  return h(
    'time',
    { datetime: isoOf(at), title: formatExactTime(at) },
    style === 'ago' ? formatAgo(at, now) : formatTime(at, now),
  );
}

export function statusChip(status: TicketStatus): HTMLElement {
  return h('span', { class: `chip status-${status}` }, STATUSES[status]);
}

/** Who can read it; nothing where the channel does not tell. */
export function visibilityChip(visibility: Visibility | null): HTMLElement | null {
  if (visibility === null) return null;
  const { label, meaning } = VISIBILITY_WORDS[visibility];
  return h(
    'span',
    { class: `chip visibility visibility-${visibility}`, title: meaning },
    icon(visibility === 'public' ? ICONS.globe : ICONS.lock),
    label,
  );
}

export function channelLabel(channel: ChannelFamily): HTMLElement {
  return h('span', { class: `channel channel-${channel}` }, icon(ICONS[channel]), CHANNELS[channel]);
}

export function customerOf({ customer }: Ticket): string {
  return customer.name ?? 'Unnamed customer';
}

/** What a ticket is called: channels without subjects are called by whom they are with. */
export function titleOf(ticket: Ticket): string {
  if (ticket.subject !== null && ticket.subject.trim() !== '') return ticket.subject;
  const names: Readonly<Record<ChannelFamily, string>> = {
    email: 'Mail without a subject from',
    chat: 'Chat with',
    phone: 'By phone from',
    social: 'Message from',
  };
  return `${names[ticket.channel]} ${ticket.customer.name ?? 'an unnamed customer'}`;
}

export function notice(tone: 'bad' | 'info' | 'good', ...children: readonly Child[]): HTMLElement {
  return h('div', { class: `notice notice-${tone}`, role: tone === 'bad' ? 'alert' : 'status' }, ...children);
}

/** Grey lines in the place of what is still on its way, of the same height. */
export function skeleton(lines: number): HTMLElement {
  return h('div', { class: 'skeleton', 'aria-hidden': 'true' }, ...Array.from({ length: lines }, () => h('span', {})));
}

export interface Choice<T extends string> {
  readonly value: T;
  readonly label: string;
}

/** One of a few, as a row of buttons: radio buttons to keyboard and screen reader. */
export function segmented<T extends string>(
  name: string,
  legend: string,
  choices: readonly Choice<T>[],
  current: T,
  choose: (value: T) => void,
): HTMLElement {
  return h(
    'fieldset',
    { class: 'segmented' },
    h('legend', { class: 'hidden' }, legend),
    ...choices.map(({ value, label }) => {
      const input = h('input', {
        type: 'radio',
        name,
        value,
        id: `${name}-${value}`,
        'data-key': `${name}-${value}`,
        on: { change: () => choose(value) },
      });
      input.checked = value === current;
      return h('label', { for: `${name}-${value}` }, input, h('span', {}, label));
    }),
  );
}

export function dropdown<T extends string>(
  props: { readonly id: string; readonly label: string; readonly hideLabel?: boolean; readonly disabled?: boolean },
  choices: readonly Choice<T>[],
  current: T,
  choose: (value: T) => void,
): HTMLElement {
  const select = h(
    'select',
    { id: props.id, 'data-key': props.id, disabled: props.disabled === true },
    ...choices.map(({ value, label }) => h('option', { value }, label)),
  );
  select.value = current;
  select.addEventListener('change', () => choose(select.value as T));
  return h(
    'div',
    { class: 'field' },
    h('label', { for: props.id, class: props.hideLabel === true ? 'hidden' : null }, props.label),
    select,
  );
}
