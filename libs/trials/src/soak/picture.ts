import { chartOf, type Panel } from './chart.js';
import type { ProcessSample, Sample } from './sampler.js';

/** What a soak saw, as an SVG document. */
export function pictureOf(samples: readonly Sample[], title: string, warmUpSeconds: number): string {
  const names = Object.keys(samples[0]?.processes ?? {});
  const each = (of: (process: ProcessSample) => number): Panel['lines'] =>
    Object.fromEntries(
      names.map((name) => [
        name,
        samples.map((sample) => {
          const process = sample.processes[name];
          return [sample.seconds, process === undefined ? 0 : of(process)] as const;
        }),
      ]),
    );
  const line = (of: (sample: Sample, before: Sample | undefined) => number): Panel['lines'][string] =>
    samples.map((sample, index) => [sample.seconds, of(sample, samples[index - 1])] as const);
  const perSecond = (of: (sample: Sample) => number): Panel['lines'][string] =>
    line((sample, before) =>
      before === undefined ? 0 : (of(sample) - of(before)) / (sample.seconds - before.seconds),
    );
  const readers = [...new Set(samples.flatMap(({ behind }) => Object.keys(behind)))];
  const panels: Panel[] = [
    {
      title: 'messages a second',
      lines: { acknowledged: perSecond((s) => s.acknowledged), refused: perSecond((s) => s.refused) },
    },
    {
      title: 'records not yet read, by group',
      lines: Object.fromEntries(readers.map((reader) => [reader, line(({ behind }) => behind[reader] ?? 0)])),
    },
    { title: 'memory, MB', lines: each(({ rssMb }) => rssMb) },
    { title: 'CPU, percent of a core', lines: each(({ cpuPercent }) => cpuPercent) },
    { title: 'file handles', lines: each(({ handles }) => handles) },
    { title: 'connections to PostgreSQL', lines: { connections: line((s) => s.connections) } },
    { title: 'size in PostgreSQL, MB', lines: { tables: line((s) => s.tablesMb), indexes: line((s) => s.indexesMb) } },
    { title: 'queues and windows in PostgreSQL, MB', lines: { tables: line((s) => s.restlessMb) } },
    { title: 'dead rows', lines: { rows: line((s) => s.deadRows) } },
  ];
  return chartOf(panels, { title, warmUpSeconds });
}
