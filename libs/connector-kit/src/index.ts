export * from './capture.js';
export * from './channel.js';
export * from './deliver.js';
export * from './manifest.js';
export * from './normalise.js';
export * from './ports.js';
