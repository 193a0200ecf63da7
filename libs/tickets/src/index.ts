export * from './intake/intake.js';
export * from './events/publishing.js';
export * from './schema/tickets-part.js';
