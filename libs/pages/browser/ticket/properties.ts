import { describeError, sendJson } from '../api/client.js';
import type { Priority, Ticket, TicketStatus } from '../api/types.js';
import { NOTHING } from '../format/duration.js';
import { PRIORITY_WORDS, STATUSES } from '../format/words.js';
import type { Child } from '../view/element.js';
import { h, icon, ICONS } from '../view/element.js';
import { fill } from '../view/fill.js';
import { channelLabel, dropdown, timeOf } from '../view/parts.js';

type Change = Readonly<
  Partial<Record<'status' | 'priority' | 'assignee_id' | 'team_id' | 'tags', string | readonly string[] | null>>
>;

export interface Properties {
  readonly element: HTMLElement;
  show(ticket: Ticket): void;
}

/** What can be changed about a ticket, each change sent at once, and what is known of it. */
export function properties(onChanged: (ticket: Ticket) => void): Properties {
  const fields = h('div', { class: 'fields' });
  const facts = h('dl', { class: 'facts' });
  const status = h('p', { class: 'field-status', role: 'status' });
  let shown: Ticket | undefined;
  let waiting: Ticket | undefined;

  const change = async (wanted: Change): Promise<void> => {
    if (shown === undefined) return;
    status.className = 'field-status';
    status.textContent = 'Saving…';
    try {
      const ticket = await sendJson<Ticket>('PATCH', `/api/v1/tickets/${encodeURIComponent(shown.id)}`, wanted);
      status.textContent = 'Saved.';
      onChanged(ticket);
    } catch (error) {
      status.className = 'field-status tone-bad';
      status.textContent = describeError(error);
      draw(shown, true);
    }
  };
  const draw = (ticket: Ticket, again = false): void => {
    shown = ticket;
    fill(fields, again ? [ticket, performance.now()] : [ticket], () =>
      fieldsOf(ticket, (wanted) => void change(wanted)),
    );
    fill(facts, [ticket, Math.floor(Date.now() / 60_000)], () => factsOf(ticket));
  };
  /** Someone types in a field: it is drawn when he leaves it. */
  const isTyping = (): boolean => {
    const active = document.activeElement;
    return active instanceof HTMLInputElement && fields.contains(active) && active.value !== active.defaultValue;
  };
  fields.addEventListener('focusout', () => {
    if (waiting === undefined) return;
    const ticket = waiting;
    waiting = undefined;
    setTimeout(() => (isTyping() ? undefined : draw(ticket)));
  });
  return {
    element: h('aside', { class: 'properties', 'aria-label': 'About this ticket' }, fields, status, facts),
    show(ticket) {
      if (isTyping()) waiting = ticket;
      else draw(ticket);
    },
  };
}

function fieldsOf(ticket: Ticket, change: (wanted: Change) => void): Child[] {
  const isClosed = ticket.status === 'closed';
  const statuses = (Object.keys(STATUSES) as TicketStatus[])
    .filter((value) => value === ticket.status || value !== 'new')
    .map((value) => ({ value, label: STATUSES[value] }));
  return [
    dropdown<TicketStatus>(
      { id: 'ticket-status', label: 'Status', disabled: isClosed },
      statuses,
      ticket.status,
      (value) => change({ status: value }),
    ),
    isClosed && h('p', { class: 'quiet' }, 'Closed for good. A new message of the customer opens a follow-up.'),
    dropdown<Priority>(
      { id: 'ticket-priority', label: 'Priority' },
      (Object.keys(PRIORITY_WORDS) as Priority[]).map((value) => ({ value, label: PRIORITY_WORDS[value] })),
      ticket.priority,
      (value) => change({ priority: value }),
    ),
    textField('ticket-assignee', 'Assignee', 'Nobody', ticket.assignee_id, (value) => change({ assignee_id: value })),
    textField('ticket-team', 'Team', 'No team', ticket.team_id, (value) => change({ team_id: value })),
    tagsField(ticket.tags, (tags) => change({ tags })),
  ];
}

function textField(
  id: string,
  label: string,
  placeholder: string,
  current: string | null,
  save: (value: string | null) => void,
): HTMLElement {
  const input = h('input', {
    id,
    type: 'text',
    'data-key': id,
    placeholder,
    value: current ?? '',
    maxlength: 128,
    autocomplete: 'off',
    spellcheck: 'false',
  });
  input.addEventListener('change', () => {
    const value = input.value.trim();
    if (value !== (current ?? '')) save(value === '' ? null : value);
  });
  input.addEventListener('keydown', (event) => {
    if (event.key === 'Enter') input.blur();
    if (event.key === 'Escape') input.value = current ?? '';
  });
  return h('div', { class: 'field' }, h('label', { for: id }, label), input);
}

function tagsField(tags: readonly string[], save: (tags: readonly string[]) => void): HTMLElement {
  const input = h('input', {
    id: 'ticket-tag',
    type: 'text',
    'data-key': 'ticket-tag',
    placeholder: 'Add a tag',
    maxlength: 64,
    autocomplete: 'off',
  });
  const add = (): void => {
    const tag = input.value.trim();
    input.value = '';
    if (tag !== '' && !tags.includes(tag)) save([...tags, tag]);
  };
  input.addEventListener('change', add);
  input.addEventListener('keydown', (event) => {
    if (event.key !== 'Enter') return;
    event.preventDefault();
    add();
  });
  return h(
    'div',
    { class: 'field' },
    h('label', { for: 'ticket-tag' }, 'Tags'),
    tags.length > 0 &&
      h(
        'ul',
        { class: 'tags' },
        ...tags.map((tag) =>
          h(
            'li',
            {},
            h('span', { dir: 'auto' }, tag),
            h(
              'button',
              {
                type: 'button',
                'aria-label': `Remove tag ${tag}`,
                'data-key': `tag-${tag}`,
                on: { click: () => save(tags.filter((other) => other !== tag)) },
              },
              icon(ICONS.cross),
            ),
          ),
        ),
      ),
    input,
  );
}

function factsOf(ticket: Ticket): Child[] {
  const fact = (name: string, value: Child): Child => [h('dt', {}, name), h('dd', {}, value)];
  const time = (at: string | null): Child => (at === null ? NOTHING : timeOf(at));
  const other = (id: string, words: string): Child => h('a', { href: `/tickets/${encodeURIComponent(id)}` }, words);
  return [
    fact('Customer', h('span', { dir: 'auto' }, ticket.customer.name ?? 'Unnamed')),
    fact('Channel', channelLabel(ticket.channel)),
    fact('Account', ticket.account_id),
    fact('Opened', time(ticket.created_at)),
    fact('First reply', time(ticket.first_replied_at)),
    fact('Solved', time(ticket.solved_at)),
    ticket.closed_at !== null && fact('Closed', time(ticket.closed_at)),
    ticket.follow_up_of !== null && fact('Follows up', other(ticket.follow_up_of, 'an earlier ticket')),
    ticket.followed_up_by !== null && fact('Went on in', other(ticket.followed_up_by, 'a later ticket')),
    fact('Last change', timeOf(ticket.updated_at, 'ago')),
  ];
}
