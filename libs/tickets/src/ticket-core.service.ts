import type { ServiceDefinition } from '@fanin/platform';
import { TICKETS_PART } from './schema/tickets-part.js';
import { TicketsModule } from './tickets.module.js';

/** What `apps/ticket-core` and standalone start. */
export const ticketCoreService: ServiceDefinition = {
  name: 'ticket-core',
  database: [TICKETS_PART],
  modules: [TicketsModule],
};
