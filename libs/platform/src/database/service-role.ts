import { randomBytes } from 'node:crypto';
import pg from 'pg';

/**
 * Makes (or keeps) a role that owns the database of `adminUrl` and is no superuser, gives it a new password and returns
 * its connection string. Row-level security does not apply to superusers, so no service may be one. Called by whoever
 * holds an administrator's address: standalone and tests; in a cluster a person does the same by hand.
 */
export async function prepareServiceRole(adminUrl: string, role = 'fanin_service'): Promise<string> {
  const url = new URL(adminUrl);
  const database = decodeURIComponent(url.pathname.slice(1));
  const password = randomBytes(24).toString('base64url');
  const client = new pg.Client({ connectionString: adminUrl });
  await client.connect();
  try {
    const name = pg.escapeIdentifier(role);
    const found = await client.query('SELECT 1 FROM pg_roles WHERE rolname = $1', [role]);
    const rights = 'LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS NOREPLICATION';
    await client.query(
      `${found.rowCount === 0 ? 'CREATE' : 'ALTER'} ROLE ${name} ${rights} PASSWORD ${pg.escapeLiteral(password)}`,
    );
    await client.query(`ALTER DATABASE ${pg.escapeIdentifier(database)} OWNER TO ${name}`);
    await client.query(`GRANT ALL ON SCHEMA public TO ${name}`);
  } finally {
    await client.end();
  }
  url.username = encodeURIComponent(role);
  url.password = encodeURIComponent(password);
  return url.href;
}
