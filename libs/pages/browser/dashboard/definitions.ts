import type { Measure } from './view-state.js';

/** What each figure means, in plain words. docs/metric-definitions.md says the same with all its cases. */
export const DEFINITIONS = {
  created:
    'Tickets that customers opened in this span. A message that belongs to a ticket already open makes no new one.',
  first_reply:
    'From a customer’s first message to the first public answer of a person. Automatic answers and internal notes do not count. Over all first replies written in this span. Median: half were faster. 90 %: nine out of ten were faster.',
  full_resolution:
    'From the creation of a ticket to the last time it was solved. A reopened ticket counts again when it is solved again. Over all tickets solved in this span.',
  backlog: 'Tickets that are neither solved nor closed, now. It does not depend on the span chosen.',
  reopened:
    'How often a solved ticket became open again in this span, because the customer wrote once more or an agent reopened it.',
  solved: 'How often a ticket was solved in this span.',
  volume:
    'Tickets: opened in each hour or day. Messages: written by customers in each hour or day, to new and old tickets alike. Each belongs to the time it happened at, not the time it was processed.',
  distribution: 'All first replies written in this span, by how long the customer had waited for them.',
  ledger:
    'Every delivery that a channel took in ends in one of these ways, and the sum always adds up to what was captured. If it ever does not, this page says so. A delivery that holds several messages counts once for each.',
  accounts: 'The mailboxes and chats that messages come from, and how they are right now.',
} as const;

export const MEASURE_TITLES: Readonly<Record<Measure, string>> = {
  created: 'Tickets opened',
  first_reply: 'Tickets first replied to',
  full_resolution: 'Tickets solved',
  solved: 'Tickets solved',
  reopened: 'Tickets that were reopened',
  backlog: 'Backlog: tickets not solved yet',
  unreplied: 'Tickets waiting for a first reply',
};
