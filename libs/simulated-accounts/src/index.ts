export * from './simulated-meta.js';
export * from './simulated-twilio.js';
export * from './simulated-vendor.js';
export * from './simulated-x.js';
