import type { Figure } from '@fanin/test-kit';
import type { ClusterSystem } from '../system/cluster-system.js';
import { measureOverKafka } from '../measure/measured-system.js';
import { BENCH_CHANNELS } from './drives.js';
import { atMost, costsOf, runEndToEnd, throughput } from './end-to-end.js';

/** Those who make tickets and numbers; they are held, not ended: what they have compiled stays. */
const MAKERS = ['ticket-core', 'analytics'] as const;

/**
 * Every service a process of its own over a real Kafka and a PostgreSQL that waits for the disk, load from a process of its
 * own, all on this machine. CPU is that of all processes but the load generator and this one, from the first message until
 * everything is at rest again.
 */
export async function benchEndToEndKafka(given: { brokers: readonly string[] }): Promise<Record<string, Figure>> {
  const measured = await measureOverKafka(given.brokers, { channels: BENCH_CHANNELS });
  const system = measured.system as ClusterSystem;
  const signal = (name: NodeJS.Signals): void => MAKERS.forEach((maker) => system.process(maker).kill(name));
  try {
    const all = await runEndToEnd(measured, { hold: () => signal('SIGSTOP'), go: () => signal('SIGCONT') });
    const { mail, chat, mixed, latency, stages } = all;
    if (latency === undefined) throw new Error('the database of the bench does not keep the times of commits');
    const at = `at ${latency.rate.toFixed(0)} messages/s offered by the clock, half the top rate`;
    return {
      end_to_end_kafka: throughput(all),
      cpu_ms_per_mail: atMost(mail.cpuMsEach, 1, `ms of CPU, at most 1.0; ${costsOf(mail)}; ${rate(mail.perSecond)}`),
      cpu_ms_per_chat_message: atMost(
        chat.cpuMsEach,
        0.6,
        `ms of CPU, at most 0.6; ${costsOf(chat)}; ${rate(chat.perSecond)}`,
      ),
      latency_p50: atMost(
        latency.p50,
        latency.bareMs,
        `ms from 250 or ack to commit, ${at}; limit: one produce ack + one commit`,
      ),
      latency_p99: atMost(latency.p99, latency.bareMs, `ms, the same`),
      drain: {
        value: stages.drainPerSecond,
        limit: mixed.perSecond,
        ratio: stages.drainPerSecond / mixed.perSecond,
        unit: `messages/s from a backlog of ${stages.messages} into tickets ÷ the top rate`,
      },
      commits_per_message: atMost(
        mixed.commits.all / mixed.messages,
        0.02,
        `commits of all services for one message, at most 0.02, at the top rate until everything is at rest; ` +
          `${(mixed.commits.writing / mixed.messages).toFixed(3)} of them wrote something`,
      ),
    };
  } finally {
    await measured.stop();
  }
}

const rate = (perSecond: number): string => `${perSecond.toFixed(0)}/s`;
