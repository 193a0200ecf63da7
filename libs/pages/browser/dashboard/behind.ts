import type { Delivery, DeliveryPart, Ticket, TicketFact } from '../api/types.js';
import { formatBytes, formatDuration, NOTHING } from '../format/duration.js';
import { FATE_WORDS, humanise, PRIORITY_WORDS } from '../format/words.js';
import type { Child } from '../view/element.js';
import { h } from '../view/element.js';
import { channelLabel, customerOf, statusChip, timeOf, titleOf } from '../view/parts.js';
import type { Behind } from './drill.js';

/** The rows behind a number. On a phone each row stacks; `data-label` names its cells there. */
export function behindTable(behind: Behind): Child[] {
  switch (behind.kind) {
    case 'tickets':
      return behind.rows.length === 0
        ? [none('No tickets here.')]
        : [
            table(
              'Tickets',
              ['Ticket', 'Channel', 'Status', 'Priority', 'Opened', 'Last change'],
              behind.rows.map(ticketRow),
            ),
          ];
    case 'facts':
      return behind.rows.length === 0
        ? [none('No ticket is behind this number in this span.')]
        : [
            table(
              'Tickets',
              ['Ticket', 'Channel', 'Status', 'Opened', 'First reply', 'Resolution', 'Reopened'],
              behind.rows.map((row) => factRow(row, behind.titles.get(row.ticket_id))),
            ),
          ];
    case 'deliveries':
      return behind.rows.length === 0
        ? [none('No delivery of this kind in this span.')]
        : [
            table(
              'Deliveries',
              ['Captured', 'Channel', 'Account', 'What became of it', 'Original'],
              behind.rows.map(deliveryRow),
            ),
          ];
  }
}

function none(text: string): HTMLElement {
  return h('p', { class: 'quiet none-here' }, text);
}

function table(caption: string, columns: readonly string[], rows: readonly (readonly Child[])[]): HTMLElement {
  return h(
    'table',
    { class: 'rows' },
    h('caption', { class: 'hidden' }, caption),
    h('thead', {}, h('tr', {}, ...columns.map((label) => h('th', { scope: 'col' }, label)))),
    h(
      'tbody',
      {},
      ...rows.map((cells) =>
        h(
          'tr',
          {},
          ...cells.map((cell, i) =>
            i === 0 ? h('th', { scope: 'row' }, cell) : h('td', { 'data-label': columns[i] ?? '' }, cell),
          ),
        ),
      ),
    ),
  );
}

/** Without the ticket (it could not be read) there is its number only. */
function ticketLink(id: string, number: number, ticket: Ticket | undefined): HTMLElement {
  return h(
    'a',
    { class: 'ticket-link', href: `/tickets/${encodeURIComponent(id)}`, 'data-key': `ticket-${id}` },
    h(
      'span',
      { class: 'subject' },
      h('span', { class: 'quiet' }, `#${number} `),
      ticket !== undefined && h('bdi', {}, titleOf(ticket)),
    ),
    ticket !== undefined &&
      h(
        'span',
        { class: 'who', dir: 'auto' },
        ticket.subject === null ? '' : `${customerOf(ticket)} · `,
        ticket.account_id,
      ),
  );
}

function ticketRow(ticket: Ticket): readonly Child[] {
  return [
    ticketLink(ticket.id, ticket.number, ticket),
    channelLabel(ticket.channel),
    statusChip(ticket.status),
    h(
      'span',
      { class: ticket.priority === 'high' || ticket.priority === 'urgent' ? 'pressing' : null },
      PRIORITY_WORDS[ticket.priority],
    ),
    timeOf(ticket.created_at),
    timeOf(ticket.updated_at, 'ago'),
  ];
}

function factRow(row: TicketFact, ticket: Ticket | undefined): readonly Child[] {
  return [
    ticketLink(row.ticket_id, row.ticket_number, ticket),
    channelLabel(row.channel),
    statusChip(row.status),
    timeOf(row.created_at),
    formatDuration(row.first_reply_seconds),
    formatDuration(row.full_resolution_seconds),
    row.reopen_count === 0 ? NOTHING : `${row.reopen_count} ×`,
  ];
}

function deliveryRow(row: Delivery): readonly Child[] {
  return [
    timeOf(row.received_at),
    channelLabel(row.channel),
    row.account_id,
    row.parts.length === 0
      ? h('span', {}, FATE_WORDS.in_flight.label)
      : h('ul', { class: 'parts' }, ...row.parts.map(part)),
    h(
      'a',
      {
        href: `/api/v1/deliveries/${encodeURIComponent(row.id)}/raw`,
        download: true,
        'data-key': `raw-${row.id}`,
        'aria-label': `Original, ${formatBytes(row.size)}, download`,
      },
      `${formatBytes(row.size)}`,
    ),
  ];
}

function part({ fate, rule, evidence, ticket_id: ticket }: DeliveryPart): HTMLElement {
  return h(
    'li',
    {},
    h('b', { class: `fate-word fate-word-${fate}` }, FATE_WORDS[fate].label),
    rule !== null && h('span', {}, ` by rule ${humanise(rule).toLowerCase()}`),
    ticket !== null && h('a', { href: `/tickets/${encodeURIComponent(ticket)}` }, 'ticket'),
    evidence !== null && h('span', { class: 'evidence', dir: 'auto' }, evidence),
  );
}
