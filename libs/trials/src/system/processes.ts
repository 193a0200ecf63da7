import { readdirSync, readFileSync } from 'node:fs';

/** A process and everything below it that lives now (Linux). Backends of PostgreSQL lead sessions of their own. */
export function familyOf(pid: number): readonly number[] {
  const parents = new Map<number, number>();
  for (const name of readdirSync('/proc')) {
    const parent = /^\d+$/.test(name) ? parentOf(Number(name)) : undefined;
    if (parent !== undefined) parents.set(Number(name), parent);
  }
  const family = [pid];
  for (const member of family) for (const [child, parent] of parents) if (parent === member) family.push(child);
  return family;
}

function parentOf(pid: number): number | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // proc(5): the name in field 2 may hold spaces, so count behind its bracket: state, then the parent.
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
  } catch {
    return undefined;
  }
}

/** A signal to a process and everything below it; those that are gone are left out. */
export function signalFamily(pid: number, signal: NodeJS.Signals): void {
  signalEach(familyOf(pid), signal);
}

function signalEach(pids: readonly number[], signal: NodeJS.Signals): void {
  for (const pid of pids) {
    try {
      process.kill(pid, signal);
    } catch {
      // It ended meanwhile.
    }
  }
}

const STOPPING = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;

/** A command that is stopped leaves none of what it started behind: services, brokers, databases, mail servers. */
export function takeFamilyAlong(): void {
  for (const [signal, code] of Object.entries(STOPPING))
    process.once(signal, () => {
      const [, ...others] = familyOf(process.pid);
      signalEach(others.reverse(), 'SIGKILL');
      process.exit(code);
    });
}
