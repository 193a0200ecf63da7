export * from './options.js';
export * from './postgres-bus.js';
