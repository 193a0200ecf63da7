import pg from 'pg';

/**
 * SQL for a migration: forces row-level security on a tenant-scoped table, for its owner too. A transaction that set no
 * tenant sees and writes nothing; '*' sees all (see `Database`).
 */
export function tenantPolicySql(schema: string, table: string, column = 'tenant'): string {
  const name = `${pg.escapeIdentifier(schema)}.${pg.escapeIdentifier(table)}`;
  const allowed = `current_setting('fanin.tenant', true) IN (${pg.escapeIdentifier(column)}, '*')`;
  return [
    `ALTER TABLE ${name} ENABLE ROW LEVEL SECURITY`,
    `ALTER TABLE ${name} FORCE ROW LEVEL SECURITY`,
    `CREATE POLICY tenant_isolation ON ${name} USING (${allowed}) WITH CHECK (${allowed})`,
  ].join(';\n');
}
