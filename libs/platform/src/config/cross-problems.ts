import type { ConfigProblem } from './config-error.js';

/**
 * What only shows when the parts are seen together. Takes the file as it was written, so that a fault in one part does not
 * hide those between the others: each rule is passed over when what it needs is missing, of the wrong sort or unresolved.
 */
export function crossProblems(plain: unknown, unresolved: ReadonlySet<string>): ConfigProblem[] {
  if (!isObject(plain)) return [];
  return [
    ...repeated(idsOf(plain, 'tenants', 'id', unresolved), 'tenants'),
    ...repeated(idsOf(plain, 'accounts', 'id', unresolved), 'accounts'),
    ...tenantProblems(plain, unresolved),
    ...busProblems(section(plain, 'bus')),
    ...storeProblems(section(plain, 'database'), section(plain, 'storage')),
    ...authProblems(section(plain, 'auth'), plain, unresolved),
  ];
}

function tenantProblems(plain: Plain, unresolved: ReadonlySet<string>): ConfigProblem[] {
  if (!Array.isArray(plain['tenants'])) return [];
  if (plain['tenants'].length === 0) {
    const example = [{ id: 'default', name: 'My shop' }];
    return [{ path: 'tenants', message: 'is empty: at least one is needed', example }];
  }
  const tenants = idsOf(plain, 'tenants', 'id', unresolved);
  // The one that cannot be read may be the one that an account names.
  if (tenants.includes(undefined)) return [];
  return idsOf(plain, 'accounts', 'tenant', unresolved).flatMap((tenant, i) =>
    tenant === undefined || tenants.includes(tenant)
      ? []
      : [
          {
            path: `accounts[${i}].tenant`,
            message: `is none of tenants (${tenants.join(', ')})`,
            example: tenants[0],
          },
        ],
  );
}

function busProblems(bus: Plain | undefined): ConfigProblem[] {
  if (bus === undefined) return [];
  const { engine, kafka } = bus;
  if (engine === 'kafka' && kafka === undefined) {
    const example = { brokers: ['kafka-1:9092'] };
    return [{ path: 'bus.kafka', message: 'is missing, bus.engine is kafka', example }];
  }
  if (isObject(kafka) && isEmptyList(kafka['brokers'])) {
    return [{ path: 'bus.kafka.brokers', message: 'is empty', example: ['kafka-1:9092'] }];
  }
  return [];
}

function storeProblems(database: Plain | undefined, storage: Plain | undefined): ConfigProblem[] {
  const problems: ConfigProblem[] = [];
  if (database !== undefined && database['url'] === undefined) {
    problems.push({ path: 'database.url', message: 'is missing', example: '${env:DATABASE_URL}' });
  }
  if (storage !== undefined && (storage['folder'] === undefined) === (storage['s3'] === undefined)) {
    problems.push({
      path: 'storage',
      message: 'needs exactly one of folder and s3',
      example: { folder: '/var/lib/fanin/objects' },
    });
  }
  return problems;
}

function authProblems(auth: Plain | undefined, plain: Plain, unresolved: ReadonlySet<string>): ConfigProblem[] {
  if (auth === undefined) return [];
  const problems: ConfigProblem[] = [];
  if (auth['operator_token'] !== undefined && auth['session_secret'] === undefined) {
    problems.push({
      path: 'auth.session_secret',
      message: 'is missing, sessions of auth.operator_token are signed with it',
      example: '${file:/run/secrets/session}',
    });
  }
  const secrets = auth['signing_secrets'] ?? [];
  const hasAccounts = Array.isArray(plain['accounts']) && plain['accounts'].length > 0;
  if (isEmptyList(secrets) && hasAccounts) {
    problems.push({
      path: 'auth.signing_secrets',
      message: 'is empty: reply addresses and visitor ids are signed with the first',
      example: ['${file:/run/secrets/signing}'],
    });
  }
  // The rule of the whole list says the same; beside a secret that could not be read, only this one finds a short one.
  if (!unresolved.has('auth.signing_secrets') || !Array.isArray(secrets)) return problems;
  secrets.forEach((secret, i) => {
    const path = `auth.signing_secrets[${i}]`;
    if (typeof secret !== 'string' || secret.length >= 32 || unresolved.has(path)) return;
    problems.push({ path, message: 'must have at least 32 characters' });
  });
  return problems;
}

/** One for each entry of the list; undefined where the entry has none that can be read. */
function idsOf(plain: Plain, list: string, key: string, unresolved: ReadonlySet<string>): (string | undefined)[] {
  const entries: unknown = plain[list];
  if (!Array.isArray(entries)) return [];
  return entries.map((entry: unknown, i) => {
    const value = isObject(entry) ? entry[key] : undefined;
    return typeof value === 'string' && !unresolved.has(`${list}[${i}].${key}`) ? value : undefined;
  });
}

function repeated(ids: readonly (string | undefined)[], list: string): ConfigProblem[] {
  return ids.flatMap((id, i) =>
    id !== undefined && ids.indexOf(id) < i
      ? [{ path: `${list}[${i}].id`, message: `repeats "${id}" of an earlier one` }]
      : [],
  );
}

/** Left out is the same as empty; undefined when it is no section at all, which is reported as that. */
function section(plain: Plain, name: string): Plain | undefined {
  const value = plain[name] ?? {};
  return isObject(value) && plain[name] !== null ? value : undefined;
}

type Plain = Readonly<Record<string, unknown>>;

function isEmptyList(value: unknown): boolean {
  return Array.isArray(value) && value.length === 0;
}

function isObject(value: unknown): value is Plain {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
