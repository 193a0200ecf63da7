import type { DatabasePart } from '@fanin/platform';
import { AnalyticsTables1795219200000 } from './schema/analytics-tables.migration.js';

export const ANALYTICS_PART: DatabasePart = {
  schema: 'analytics',
  entities: [],
  migrations: [AnalyticsTables1795219200000],
};
