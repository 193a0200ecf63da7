import type { Logger, MetricLabels, Metrics } from '@fanin/kernel';
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';

/** The metrics port over a Prometheus registry that belongs to one service instance. */
export interface PrometheusMetrics extends Metrics {
  readonly contentType: string;
  /** Exposition format. */
  text(): Promise<string>;
  close(): void;
}

const SECONDS = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300];
const BYTES = [256, 1_024, 4_096, 16_384, 65_536, 262_144, 1_048_576, 4_194_304, 26_214_400];
const COUNTS = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000];

function bucketsFor(name: string): number[] {
  if (name.endsWith('_seconds')) return SECONDS;
  return name.endsWith('_bytes') ? BYTES : COUNTS;
}

type Kind = typeof Counter | typeof Gauge | typeof Histogram;

/**
 * A metric comes into being with its first use and keeps the label names of that use; a later use with others is written
 * down once and counted without them, so that a slip in a label never stops the work it measures.
 */
export function createPrometheusMetrics(options: {
  readonly service: string;
  readonly logger: Logger;
}): PrometheusMetrics {
  const registry = new Registry();
  registry.setDefaultLabels({ service: options.service });
  collectDefaultMetrics({ register: registry });
  const known = new Map<
    string,
    { readonly metric: Counter | Gauge | Histogram; readonly labelNames: readonly string[] }
  >();
  const warned = new Set<string>();

  function find<T extends Counter | Gauge | Histogram>(
    kind: Kind,
    name: string,
    labels: MetricLabels,
  ): { metric: T; labels: Record<string, string> } {
    let entry = known.get(name);
    if (entry === undefined) {
      const labelNames = Object.keys(labels);
      const settings = { name, help: name.replaceAll('_', ' '), labelNames, registers: [registry] };
      const metric =
        kind === Histogram
          ? new Histogram({ ...settings, buckets: bucketsFor(name) })
          : kind === Gauge
            ? new Gauge(settings)
            : new Counter(settings);
      entry = { metric, labelNames };
      known.set(name, entry);
    }
    if (!(entry.metric instanceof kind))
      throw new TypeError(`metric ${name} was first used as a ${entry.metric.constructor.name}`);
    return { metric: entry.metric as T, labels: fit(name, labels, entry.labelNames) };
  }

  function fit(name: string, labels: MetricLabels, labelNames: readonly string[]): Record<string, string> {
    const surplus = Object.keys(labels).filter((label) => !labelNames.includes(label));
    if (surplus.length > 0 && !warned.has(name)) {
      warned.add(name);
      options.logger.warn('a metric is used with different labels', { metric: name, labels: surplus.join(',') });
    }
    return Object.fromEntries(labelNames.map((label) => [label, labels[label] ?? '']));
  }

  return {
    contentType: registry.contentType,
    count(name, labels = {}, by = 1) {
      const found = find<Counter>(Counter, name, labels);
      found.metric.inc(found.labels, by);
    },
    gauge(name, labels, value) {
      const found = find<Gauge>(Gauge, name, labels);
      found.metric.set(found.labels, value);
    },
    observe(name, labels, value) {
      const found = find<Histogram>(Histogram, name, labels);
      found.metric.observe(found.labels, value);
    },
    text: () => registry.metrics(),
    close: () => registry.clear(),
  };
}

/** Injection token of the registry behind METRICS. */
export const PROMETHEUS = Symbol('PrometheusMetrics');
