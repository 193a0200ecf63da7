import type { CrashPoints } from '@fanin/kernel';
import type { Logger } from 'typeorm';

const BOUNDARY = /^\s*(START TRANSACTION|COMMIT|ROLLBACK)\b/i;
const VERSION_ROW = /^\s*INSERT INTO \S*"migrations"/i;

/** TypeORM tells its logger of each statement before it sends it: the one place from which a migration can be cut in half. */
export function migrationWatch(crashPoints: CrashPoints): Logger {
  let isOpen = false;
  const nothing = (): void => undefined;
  return {
    logQuery(query) {
      const [, boundary] = BOUNDARY.exec(query) ?? [];
      if (boundary !== undefined) isOpen = boundary.toUpperCase() === 'START TRANSACTION';
      else if (VERSION_ROW.test(query)) crashPoints.at('migration.version-row');
      else if (isOpen) crashPoints.at('migration.statement');
    },
    logQueryError: nothing,
    logQuerySlow: nothing,
    logSchemaBuild: nothing,
    logMigration: nothing,
    log: nothing,
  };
}
