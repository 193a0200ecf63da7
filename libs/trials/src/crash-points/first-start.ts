import { randomUUID } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { freePorts } from '@fanin/dev-kafka';
import type { CrashPointName } from '@fanin/kernel';
import { temporaryFolder } from '@fanin/test-kit';
import pg from 'pg';
import { markOf } from '../oracle/oracle.js';
import { Api } from '../system/api.js';
import { handIn, mailOf } from '../system/mail-client.js';
import { Program } from '../system/program.js';
import { deathAt, type Death } from './dying.js';

/** Deaths of one first start after the other, in the order in which a start passes them. */
export const FIRST_STARTS: readonly (readonly [CrashPointName, number])[] = [
  ['start.cluster-made', 1],
  ['start.database', 1],
  ['migration.statement', 12],
  ['migration.version-row', 2],
  ['start.migrated', 1],
  ['start.topics', 1],
  ['start.consuming', 1],
  ['start.first-key', 1],
];

export interface FirstStartReport {
  readonly deaths: readonly (Death & { readonly name: string })[];
  readonly keyFileMode: number;
  readonly keysOfFirstStart: number;
  /** Tickets of a mail that was handed in afterwards. */
  readonly tickets: number;
  readonly schema: readonly string[];
  /** What a database is made of that came up undisturbed. */
  readonly like: readonly string[];
}

export function firstStartProblems(report: FirstStartReport): readonly string[] {
  const { deaths, keyFileMode, keysOfFirstStart, tickets, schema, like } = report;
  const problems = deaths
    .filter(({ isReached }) => !isReached)
    .map(({ name, how }) => `${name} was not reached: ${how}`);
  if (keyFileMode !== 0o600) problems.push(`the key file has mode ${keyFileMode.toString(8)}`);
  // The key of the start that died behind it was shown to nobody.
  if (keysOfFirstStart > 2) problems.push(`there are ${keysOfFirstStart} keys of the first start`);
  if (tickets !== 1) problems.push(`one mail made ${tickets} tickets`);
  const differs = like.filter((line) => !schema.includes(line));
  const extra = schema.filter((line) => !like.includes(line));
  if (new Set(schema).size !== schema.length) problems.push('something is in the schema twice');
  return [...problems, ...differs.map((line) => `missing: ${line}`), ...extra.map((line) => `not elsewhere: ${line}`)];
}

const MAILBOX = 'support@localhost';

/** `npm start` on an empty folder, killed at each point of its way, started again until it is there. */
export async function runFirstStarts(tell: (line: string) => void = () => undefined): Promise<FirstStartReport> {
  const folder = await temporaryFolder('fanin-first-start-');
  const data = join(folder.path, 'data');
  const [httpPort = 0, smtpPort = 0] = await freePorts(2);
  const argv = argvOf(data, httpPort, smtpPort);
  const deaths: (Death & { name: string })[] = [];
  let program: Program | undefined;
  try {
    for (const [point, passing] of FIRST_STARTS) {
      const name = `${point}:${passing}`;
      program = new Program('standalone', argv, { FANIN_CRASH_POINT: name });
      const [death] = await Promise.all([deathAt(program.child, name), program.ready().catch(() => undefined)]);
      deaths.push({ name, ...death });
      tell(`${name}: ${death.how}`);
    }
    program = new Program('standalone', argv);
    const url = await program.ready();
    const keyFile = join(data, 'api-key');
    const api = new Api(url, readFileSync(keyFile, 'utf8').trim());
    const { keys, schema } = await lookInto(readFileSync(join(data, 'database-url'), 'utf8').trim());
    return {
      deaths,
      keyFileMode: statSync(keyFile).mode & 0o777,
      keysOfFirstStart: keys,
      tickets: await ticketsOfOneMail(api, smtpPort),
      schema,
      like: await schemaOfUndisturbed(),
    };
  } finally {
    await program?.end('SIGTERM');
    await folder.remove();
  }
}

async function schemaOfUndisturbed(): Promise<readonly string[]> {
  const folder = await temporaryFolder('fanin-undisturbed-');
  const data = join(folder.path, 'data');
  const [httpPort = 0, smtpPort = 0] = await freePorts(2);
  const program = new Program('standalone', argvOf(data, httpPort, smtpPort));
  try {
    await program.ready();
    return (await lookInto(readFileSync(join(data, 'database-url'), 'utf8').trim())).schema;
  } finally {
    await program.end('SIGTERM');
    await folder.remove();
  }
}

function argvOf(data: string, httpPort: number, smtpPort: number): readonly string[] {
  return ['--data', data, '--no-demo', '--http-port', String(httpPort), '--smtp-port', String(smtpPort)];
}

async function ticketsOfOneMail(api: Api, smtpPort: number): Promise<number> {
  const subject = `After all that ${randomUUID()}`;
  await handIn(smtpPort, mailOf({ to: MAILBOX, subject, text: markOf(subject) }), { to: MAILBOX });
  await api.ticketWith(subject, 60_000);
  return (await api.ticketsWith(subject)).length;
}

async function lookInto(url: string): Promise<{ readonly keys: number; readonly schema: readonly string[] }> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const { rows } = await client.query<{ n: number }>(
      "SELECT count(*)::int AS n FROM platform.api_keys WHERE name = 'Support' AND tenant = 'default'",
    );
    return { keys: rows[0]?.n ?? 0, schema: await schemaOf(client) };
  } finally {
    await client.end();
  }
}

/** What a database is made of, for a comparison with one that came up undisturbed: columns, indexes, rules, migrations. */
async function schemaOf(client: pg.ClientBase): Promise<readonly string[]> {
  const schemas = "('platform', 'channels', 'tickets', 'analytics', 'ledger')";
  const { rows } = await client.query<{ line: string }>(
    `SELECT concat_ws(' ', 'column', table_schema, table_name, column_name, data_type, is_nullable, column_default) AS line
       FROM information_schema.columns WHERE table_schema IN ${schemas}
     UNION ALL SELECT concat_ws(' ', 'index', indexdef) FROM pg_indexes WHERE schemaname IN ${schemas}
     UNION ALL SELECT concat_ws(' ', 'policy', schemaname, tablename, policyname, qual) FROM pg_policies WHERE schemaname IN ${schemas}
     ORDER BY 1`,
  );
  const lines = rows.map(({ line }) => line);
  for (const schema of ['platform', 'channels', 'tickets', 'analytics', 'ledger']) {
    const applied = await client.query<{ name: string }>(`SELECT name FROM ${schema}.migrations ORDER BY name`);
    lines.push(...applied.rows.map(({ name }) => `migration ${schema} ${name}`));
  }
  return lines;
}
