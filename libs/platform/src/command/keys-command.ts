import { createSystemClock, FaninError, silentLogger } from '@fanin/kernel';
import { createApiKeys, type ApiKeys } from '../auth/api-keys.js';
import { SCOPES, type Scope } from '../auth/principal.js';
import { openDatabase } from '../database/open-database.js';
import { PLATFORM_PART } from '../database/platform-part.js';
import { requiredText, textOf, type Parsed } from './arguments.js';

export const KEYS_OPTIONS = ['tenant=', 'scopes=', 'name=', 'expires='];

export const KEYS_HELP = `  keys create --tenant T --scopes S,S [--name N] [--expires TIME]
                          makes an API key and prints it (once); scopes: all, or any of
                          ${SCOPES.join(', ')}
  keys list --tenant T    lists the keys of a tenant
  keys revoke ID          ends a key at once`;

export interface KeysContext {
  readonly databaseUrl: string;
  /** Tenants of the configuration, where it is known. */
  readonly tenants: readonly string[] | undefined;
  readonly print: (line: string) => void;
}

/** `keys …` of every app: works on the database alone, so the service need not run. */
export async function runKeysCommand({ words, values }: Parsed, context: KeysContext): Promise<void> {
  const clock = createSystemClock();
  const database = await openDatabase({
    url: context.databaseUrl,
    parts: [PLATFORM_PART],
    poolSize: 2,
    applicationName: 'fanin-keys',
    clock,
    logger: silentLogger,
  });
  const keys = createApiKeys(database, clock);
  try {
    const [, action, id] = words;
    if (action === 'create') await create(keys, values, context);
    else if (action === 'list') await list(keys, requiredText(values, 'tenant', 'default'), context);
    else if (action === 'revoke' && id !== undefined) await revoke(keys, id, context);
    else throw new FaninError('CONFIG', `Usage:\n${KEYS_HELP}`);
  } finally {
    await database.close();
  }
}

async function create(keys: ApiKeys, values: Parsed['values'], { tenants, print }: KeysContext): Promise<void> {
  const tenant = requiredText(values, 'tenant', 'default');
  if (tenants !== undefined && !tenants.includes(tenant)) {
    throw new FaninError('CONFIG', `There is no tenant "${tenant}"; there are ${tenants.join(', ')}.`);
  }
  const expiresAt = expiryOf(textOf(values, 'expires'));
  const made = await keys.create({
    tenant,
    scopes: scopesOf(requiredText(values, 'scopes', 'tickets:read,metrics:read')),
    name: textOf(values, 'name') ?? 'Support',
    ...(expiresAt === undefined ? {} : { expiresAt }),
  });
  print(`id   ${made.id}`);
  print(`key  ${made.key}`);
  print('The key is not kept: this is the only time it is shown.');
}

async function list(keys: ApiKeys, tenant: string, { print }: KeysContext): Promise<void> {
  const rows = await keys.list(tenant);
  if (rows.length === 0) print(`The tenant ${tenant} has no keys.`);
  for (const row of rows) {
    const end =
      row.revoked_at === null ? (row.expires_at?.toISOString() ?? 'never') : `revoked ${row.revoked_at.toISOString()}`;
    print(`${row.id}  ${row.name}  scopes ${row.scopes.join(',')}  made ${row.created_at.toISOString()}  ends ${end}`);
  }
}

async function revoke(keys: ApiKeys, id: string, { print }: KeysContext): Promise<void> {
  if (!(await keys.revoke(id)))
    throw new FaninError('CONFIG', `There is no key ${id} in use. "keys list --tenant T" shows them.`);
  print(`The key ${id} is revoked.`);
}

function scopesOf(text: string): Scope[] {
  if (text === 'all') return [...SCOPES];
  const wanted = text.split(',').map((scope) => scope.trim());
  const unknown = wanted.filter((scope) => !(SCOPES as readonly string[]).includes(scope));
  if (unknown.length > 0)
    throw new FaninError('CONFIG', `No scope: ${unknown.join(', ')}. There are all, or any of ${SCOPES.join(', ')}.`);
  return wanted as Scope[];
}

function expiryOf(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  if (Number.isNaN(Date.parse(text)))
    throw new FaninError('CONFIG', `--expires ${text} is no time, for example --expires 2027-01-31T00:00:00Z`);
  return new Date(text).toISOString();
}
