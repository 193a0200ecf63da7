import { readdirSync, readFileSync } from 'node:fs';
import pg from 'pg';

/** Linux counts CPU time in hundredths of a second for programs (USER_HZ, proc_pid_stat(5)). */
const TICKS_PER_SECOND = 100;

/**
 * CPU time of a whole PostgreSQL server on this machine: backends, writers, and those that have ended. For benches, which
 * show what a message costs beside how many a second there are. Reads /proc: elsewhere, and for a server on another
 * machine, `of` gives undefined.
 */
class DatabaseCpu {
  private constructor(private readonly postmaster: string) {}

  static async of(databaseUrl: string): Promise<DatabaseCpu | undefined> {
    const client = new pg.Client({ connectionString: databaseUrl });
    await client.connect();
    try {
      const { rows } = await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
      const backend = statOf(String(rows[0]?.pid));
      return backend?.command === 'postgres' ? new DatabaseCpu(backend.parent) : undefined;
    } finally {
      await client.end();
    }
  }

  /** Since the server started. */
  seconds(): number {
    let ticks = statOf(this.postmaster)?.ticksOfEnded ?? 0;
    for (const pid of readdirSync('/proc')) {
      const stat = /^\d+$/.test(pid) ? statOf(pid) : undefined;
      if (stat !== undefined && (stat.parent === this.postmaster || pid === this.postmaster)) ticks += stat.ticks;
    }
    return ticks / TICKS_PER_SECOND;
  }
}

/** CPU time so far, seconds, of this process and that database together; NaN where the database's cannot be read. */
export async function cpuWithDatabase(databaseUrl: string): Promise<() => number> {
  const server = await DatabaseCpu.of(databaseUrl);
  return () => ownCpuSeconds() + (server?.seconds() ?? Number.NaN);
}

/** CPU time of this process so far, seconds. */
export function ownCpuSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000_000;
}

interface Stat {
  readonly command: string;
  readonly parent: string;
  readonly ticks: number;
  readonly ticksOfEnded: number;
}

function statOf(pid: string): Stat | undefined {
  let text: string;
  try {
    text = readFileSync(`/proc/${pid}/stat`, 'utf8');
  } catch {
    return undefined;
  }
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const at = (field: number): number => Number(fields[field - 3]);
  return {
    command: text.slice(text.indexOf('(') + 1, text.lastIndexOf(')')),
    parent: fields[1] ?? '',
    ticks: at(14) + at(15),
    ticksOfEnded: at(16) + at(17),
  };
}
