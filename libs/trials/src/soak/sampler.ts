import type { Bus } from '@fanin/bus';
import type { DriveReport } from '../drive/driver.js';
import { Histogram } from '../drive/histogram.js';
import type { LoadProcess } from '../drive/load-process.js';
import type { MeasuredSystem } from '../measure/measured-system.js';
import { readersOf } from '../oracle/quiet.js';
import { isInbound } from './traffic.js';

export interface ProcessSample {
  readonly rssMb: number;
  readonly handles: number;
  /** Share of one core since the last sample, in percent. */
  readonly cpuPercent: number;
}

export interface Sample {
  /** Since the start of the load. */
  readonly seconds: number;
  readonly processes: Readonly<Record<string, ProcessSample>>;
  /** Messages acknowledged since the start. */
  readonly acknowledged: number;
  readonly refused: number;
  readonly unsure: number;
  /** Records that a consumer group has not committed, by group; those that have done all are left out. */
  readonly behind: Readonly<Record<string, number>>;
  readonly connections: number;
  readonly tablesMb: number;
  readonly indexesMb: number;
  readonly deadRows: number;
  /** Of tables, with their indexes, that hold no more at the end of a day than at its beginning. */
  readonly restlessMb: number;
}

const MB = 1024 * 1024;

/** Rows here come and go, or are written over and over: what these tables grow by is bloat. */
const RESTLESS = [
  ...['platform.outbox', 'tickets.search_queue', 'tickets.ticket_counters', 'analytics.window_marks'],
  ...['analytics.windows', 'analytics.backlog_hours', 'channels.accounts', 'channels.leases', 'channels.checkpoints'],
];

const SIZES = `
  SELECT sum(pg_table_size(relid))::float8 AS tables, sum(pg_indexes_size(relid))::float8 AS indexes,
    sum(n_dead_tup)::float8 AS dead,
    sum(pg_total_relation_size(relid)) FILTER (WHERE schemaname || '.' || relname = ANY ($1))::float8 AS restless FROM pg_stat_user_tables`;

type Sizes = Readonly<Record<'tables' | 'indexes' | 'dead' | 'restless', number>>;

/** Looks every few seconds at everything that could grow. */
export class Sampler {
  readonly samples: Sample[] = [];
  private readonly beganMs = performance.now();
  private last: { readonly atMs: number; readonly cpuMs: Readonly<Record<string, number>> } | undefined;
  private readonly timer: NodeJS.Timeout;
  private looking: Promise<void> = Promise.resolve();
  private failure: Error | undefined;

  private constructor(
    private readonly measured: MeasuredSystem,
    private readonly load: LoadProcess,
    private readonly bus: Bus,
    everyMs: number,
    private readonly onSample: (sample: Sample) => void,
  ) {
    this.timer = setInterval(() => {
      this.looking = this.looking.then(() => this.look()).catch((error: Error) => void (this.failure ??= error));
    }, everyMs);
  }

  static async start(
    measured: MeasuredSystem,
    load: LoadProcess,
    everyMs: number,
    onSample: (sample: Sample) => void,
  ): Promise<Sampler> {
    return new Sampler(measured, load, await measured.system.openBus(), everyMs, onSample);
  }

  async stop(): Promise<readonly Sample[]> {
    clearInterval(this.timer);
    await this.looking;
    await this.bus.close();
    if (this.failure !== undefined) throw this.failure;
    return this.samples;
  }

  private async look(): Promise<void> {
    const { watch } = this.measured;
    const reports = Object.entries(await this.load.report()).filter(([name]) => isInbound(name));
    const sum = (of: (report: DriveReport) => number): number => reports.reduce((all, [, each]) => all + of(each), 0);
    const acknowledged = sum((report) => report.acknowledged);
    const readers = await readersOf(this.measured.system, this.bus);
    const [sizes] = await watch.rows<Sizes>(SIZES, [RESTLESS]);
    const sample: Sample = {
      seconds: (performance.now() - this.beganMs) / 1000,
      processes: this.processes(),
      acknowledged,
      refused: sum(({ refused }) => total(refused)),
      unsure: sum(({ unsure }) => total(unsure)),
      behind: Object.fromEntries(readers.flatMap(({ reader, lag }) => (lag > 0 ? [[reader, lag]] : []))),
      connections: await watch.connections(),
      tablesMb: (sizes?.tables ?? 0) / MB,
      indexesMb: (sizes?.indexes ?? 0) / MB,
      deadRows: sizes?.dead ?? 0,
      restlessMb: (sizes?.restless ?? 0) / MB,
    };
    this.samples.push(sample);
    this.onSample(sample);
  }

  private processes(): Record<string, ProcessSample> {
    const atMs = performance.now();
    const costs = Object.entries(this.measured.costs());
    const before = this.last;
    this.last = { atMs, cpuMs: Object.fromEntries(costs.map(([name, { cpuMs }]) => [name, cpuMs])) };
    return Object.fromEntries(
      costs.map(([name, { cpuMs, rssBytes, handles }]) => {
        const used = before === undefined ? 0 : (cpuMs - (before.cpuMs[name] ?? 0)) / (atMs - before.atMs);
        return [name, { rssMb: rssBytes / MB, handles, cpuPercent: used * 100 }];
      }),
    );
  }
}

function total(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0);
}

/** The group that has most records before it. */
export function furthestBehind({ behind }: Pick<Sample, 'behind'>): {
  readonly group: string;
  readonly records: number;
} {
  const [group, records] = Object.entries(behind).sort(([, a], [, b]) => b - a)[0] ?? ['', 0];
  return { group, records };
}

/** `p50 12 ms, p99 80 ms, max 130 ms` */
export function describeLatency(counts: DriveReport['latency']): string {
  const histogram = Histogram.of(counts);
  const [p50, p99] = [histogram.quantile(0.5), histogram.quantile(0.99)];
  return `p50 ${p50.toFixed(0)} ms, p99 ${p99.toFixed(0)} ms, max ${histogram.max.toFixed(0)} ms`;
}
