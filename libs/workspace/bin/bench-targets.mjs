/**
 * What each figure is to be. `atLeast`: its ratio to a limit measured in the same run, the larger the better. `atMost`: a cost or
 * a time, its ratio to the limit that it names, the smaller the better. `bench`: the file that measures it.
 */
export const TARGETS = {
  ticket_step: { bench: 'ticket-step', atLeast: 0.6 },
  ticket_step_vs_single: { bench: 'ticket-step', atLeast: 7 },
  ticket_step_at_1m: { bench: 'ticket-step-at-1m', atLeast: 0.9 },
  redelivery: { bench: 'redelivery', atLeast: 1.5 },
  edge_webhook: { bench: 'edges-kafka', atLeast: 0.6 },
  edge_meta: { bench: 'edges-kafka', atLeast: 0.6 },
  edge_meta_100: { bench: 'edges-kafka', atLeast: 0.6 },
  edge_twilio: { bench: 'edges-kafka', atLeast: 0.6 },
  edge_x: { bench: 'edges-kafka', atLeast: 0.6 },
  edge_smtp: { bench: 'edge-smtp-kafka', atLeast: 0.6 },
  codec: { bench: 'codec', atLeast: 0.5 },
  bus_kafka_produce: { bench: 'bus-kafka', atLeast: 0.8 },
  bus_kafka_consume: { bench: 'bus-kafka', atLeast: 0.8 },
  bus_postgres: { bench: 'bus-postgres', atLeast: 0.5 },
  end_to_end_kafka: { bench: 'end-to-end-kafka', atLeast: 0.45 },
  end_to_end_embedded: { bench: 'end-to-end-embedded', atLeast: 0.45 },
  cpu_ms_per_mail: { bench: 'end-to-end-kafka', atMost: 1 },
  cpu_ms_per_chat_message: { bench: 'end-to-end-kafka', atMost: 1 },
  latency_p50: { bench: 'end-to-end-kafka', atMost: 3 },
  latency_p99: { bench: 'end-to-end-kafka', atMost: 10 },
  drain: { bench: 'end-to-end-kafka', atLeast: 0.9 },
  facts: { bench: 'facts', atLeast: 1 / 1.2 },
  rss_slope: { bench: 'rss-slope-kafka', atMost: 1 },
  commits_per_message: { bench: 'end-to-end-kafka', atMost: 1 },
};

/** `≥ 0.60 OK`, `≤ 3.00 short`; empty for a figure that has no target. */
export function verdictOf(name, ratio) {
  const target = TARGETS[name];
  if (target === undefined) return '';
  const { atLeast, atMost } = target;
  const reached = atLeast === undefined ? ratio <= atMost : ratio >= atLeast;
  return `${atLeast === undefined ? '≤' : '≥'} ${(atLeast ?? atMost).toFixed(2)} ${reached ? 'OK' : 'short'}`;
}
