import type { DatabasePart } from '@fanin/platform';
import { AnalyticsTables1795219200000 } from './schema/analytics-tables.migration.js';
import { PolicyOnce1795305600000 } from './schema/policy-once.migration.js';
import { WindowMarks1795386600000 } from './schema/window-marks.migration.js';
import { WindowParts1795386700000 } from './schema/window-parts.migration.js';

export const ANALYTICS_PART: DatabasePart = {
  schema: 'analytics',
  entities: [],
  migrations: [
    AnalyticsTables1795219200000,
    PolicyOnce1795305600000,
    WindowMarks1795386600000,
    WindowParts1795386700000,
  ],
};
