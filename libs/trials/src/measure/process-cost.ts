import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { familyOf } from '../system/processes.js';

/** Of a process and everything below it (Linux). */
export interface ProcessCost {
  /** Since each of them began, those that ended and were waited for among them. */
  readonly cpuMs: number;
  readonly rssBytes: number;
  /** Open file handles. */
  readonly handles: number;
}

/** proc(5): clock ticks are hundredths of a second on every Linux that Node runs on. */
const MS_OF_A_TICK = 10;

export function costOf(pid: number): ProcessCost {
  const family = familyOf(pid).map(costOfOne);
  const sum = (of: (cost: ProcessCost) => number): number => family.reduce((total, cost) => total + of(cost), 0);
  return {
    cpuMs: sum((cost) => cost.cpuMs),
    rssBytes: sum((cost) => cost.rssBytes),
    handles: sum((cost) => cost.handles),
  };
}

function costOfOne(pid: number): ProcessCost {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // Behind the bracket of the name: field 3 and on. utime, stime, cutime, cstime are fields 14 to 17.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const ticks = fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0);
    return { cpuMs: ticks * MS_OF_A_TICK, rssBytes: rssOf(pid), handles: readdirSync(`/proc/${pid}/fd`).length };
  } catch {
    return { cpuMs: 0, rssBytes: 0, handles: 0 };
  }
}

/** Proportional: what PostgreSQL's processes share counts once. */
function rssOf(pid: number): number {
  const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
  return Number(/^Pss:\s+(\d+)/m.exec(rollup)?.[1] ?? 0) * 1024;
}

/** Who listens on a TCP port of loopback; undefined when nobody does or it belongs to another account. */
export function listenerOf(port: number): number | undefined {
  const wanted = port.toString(16).toUpperCase().padStart(4, '0');
  const inodes = new Set<string>();
  for (const table of ['tcp', 'tcp6']) {
    for (const line of readFileSync(`/proc/net/${table}`, 'utf8').split('\n').slice(1)) {
      const [, local = '', , state, , , , , , inode = ''] = line.trim().split(/\s+/);
      if (state === '0A' && local.endsWith(`:${wanted}`)) inodes.add(`socket:[${inode}]`);
    }
  }
  for (const pid of readdirSync('/proc')) if (/^\d+$/.test(pid) && holdsOneOf(Number(pid), inodes)) return Number(pid);
  return undefined;
}

function holdsOneOf(pid: number, inodes: ReadonlySet<string>): boolean {
  try {
    return readdirSync(`/proc/${pid}/fd`).some((fd) => inodes.has(readlinkSync(`/proc/${pid}/fd/${fd}`)));
  } catch {
    return false;
  }
}
