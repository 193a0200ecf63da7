/**
 * Counters, gauges and histograms as libraries below the platform see them; the platform backs them with Prometheus.
 * Names are `fanin_<area>_<noun>_<unit>`; label values come from closed sets, never from customers.
 */
export interface Metrics {
  count(name: string, labels?: MetricLabels, by?: number): void;
  gauge(name: string, labels: MetricLabels, value: number): void;
  /** Seconds, bytes or another unit named at the end of `name`. */
  observe(name: string, labels: MetricLabels, value: number): void;
}

export type MetricLabels = Readonly<Record<string, string>>;

export const noMetrics: Metrics = { count: () => undefined, gauge: () => undefined, observe: () => undefined };

/** Injection token of the metrics port. */
export const METRICS = Symbol('Metrics');
