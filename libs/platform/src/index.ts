export * from './archive/raw-archive.js';
export * from './auth/principal.js';
export * from './database/database.js';
export * from './outbox/outbox.js';
export * from './service/service.js';
