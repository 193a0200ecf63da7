export * from './business-calendar.js';
export * from './calendar-config.js';
