export * from './clock.js';
export * from './crash-points.js';
export * from './cut-by-any.js';
export * from './errors.js';
export * from './ids.js';
export * from './logger.js';
export * from './metrics.js';
export * from './result.js';
