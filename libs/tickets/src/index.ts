export { INTAKE } from './api/tokens.js';
export { createPublishing, type Publishing } from './events/publishing.js';
export { createIntake, type Intake, type IntakeDependencies } from './intake/intake.js';
export { createReceipts, type Receipts, type ReceiptsDependencies } from './receipts/receipts.js';
export { TICKETS_PART } from './schema/tickets-part.js';
export { ticketCoreService } from './ticket-core.service.js';
export { TicketsModule } from './tickets.module.js';
