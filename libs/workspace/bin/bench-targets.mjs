/**
 * What each figure is to be. `atLeast`: its ratio to a limit measured in the same run, the larger the better. `atMost`: a cost or
 * a time, its ratio to the limit that it names, the smaller the better.
 */
export const TARGETS = {
  ticket_step: { atLeast: 0.6 },
  ticket_step_vs_single: { atLeast: 7 },
  ticket_step_at_1m: { atLeast: 0.9 },
  redelivery: { atLeast: 1.5 },
  edge_webhook: { atLeast: 0.6 },
  edge_meta: { atLeast: 0.6 },
  edge_meta_100: { atLeast: 0.6 },
  edge_twilio: { atLeast: 0.6 },
  edge_x: { atLeast: 0.6 },
  edge_smtp: { atLeast: 0.6 },
  codec: { atLeast: 0.5 },
  bus_kafka_produce: { atLeast: 0.8 },
  bus_kafka_consume: { atLeast: 0.8 },
  bus_postgres: { atLeast: 0.5 },
  end_to_end_kafka: { atLeast: 0.45 },
  end_to_end_embedded: { atLeast: 0.45 },
  cpu_ms_per_mail: { atMost: 1 },
  cpu_ms_per_chat_message: { atMost: 1 },
  latency_p50: { atMost: 3 },
  latency_p99: { atMost: 10 },
  drain: { atLeast: 0.9 },
  facts: { atLeast: 1 / 1.2 },
  rss_slope: { atMost: 1 },
  commits_per_message: { atMost: 1 },
};

/** `≥ 0.60 OK`, `≤ 3.00 short`; empty for a figure that has no target. */
export function verdictOf(name, ratio) {
  const target = TARGETS[name];
  if (target === undefined) return '';
  const { atLeast, atMost } = target;
  const reached = atLeast === undefined ? ratio <= atMost : ratio >= atLeast;
  return `${atLeast === undefined ? '≤' : '≥'} ${(atLeast ?? atMost).toFixed(2)} ${reached ? 'OK' : 'short'}`;
}
