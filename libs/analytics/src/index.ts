export { ANALYTICS_PART } from './analytics-part.js';
export { AnalyticsModule } from './analytics.module.js';
