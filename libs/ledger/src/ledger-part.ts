import type { DatabasePart } from '@fanin/platform';
import { FatesOfSeveral1795383000000 } from './schema/fates-of-several.migration.js';
import { LedgerTables1795219200000 } from './schema/ledger-tables.migration.js';

export const LEDGER_PART: DatabasePart = {
  schema: 'ledger',
  entities: [],
  migrations: [LedgerTables1795219200000, FatesOfSeveral1795383000000],
};
