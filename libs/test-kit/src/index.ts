export * from './chat-client.js';
export * from './database-cpu.js';
export * from './test-browser.js';
export * from './test-database.js';
export * from './test-dovecot.js';
export * from './test-kafka.js';
export * from './tcp-proxy.js';
