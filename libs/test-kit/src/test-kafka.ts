import type { KafkaCluster } from '@fanin/dev-kafka';
import { kafkaJarsCached, missingForKafka, startKafka } from '@fanin/dev-kafka';

export interface WithKafkaOptions {
  /** Three brokers, to kill one of; default one. */
  readonly brokers?: 1 | 3;
  /** The test stops or kills brokers: never the shared Kafka of KAFKA_BROKERS, always one of its own. */
  readonly own?: boolean;
  /** The tests start what they need: asks only whether a Kafka can run here, and starts none. */
  readonly needsOnly?: boolean;
}

/** Filled before the first test of the block runs. */
export interface KafkaFixture {
  brokers(): readonly string[];
  /** Only with `own` or three brokers. */
  cluster(): KafkaCluster;
}

/** Why tests against a real Kafka cannot run here; undefined when they can. */
export function kafkaUnavailable(): string | undefined {
  const wish = process.env['FANIN_KAFKA'];
  if (wish === 'off') return 'FANIN_KAFKA=off';
  const missing = missingForKafka({ jarsCached: kafkaJarsCached() });
  return missing.length === 0 ? undefined : missing.join(' ');
}

function sharedBrokers(options: WithKafkaOptions): readonly string[] | undefined {
  const text = process.env['KAFKA_BROKERS'];
  if (text === undefined || text === '' || options.own === true || options.needsOnly === true || options.brokers === 3)
    return undefined;
  return text.split(',').map((address) => address.trim());
}

/**
 * A `describe` against a real Kafka: the one named by KAFKA_BROKERS, else one started for the block. Skipped with the
 * reason printed when FANIN_KAFKA=off or when Java or Maven is missing; FANIN_KAFKA=required makes that a failure.
 */
export function describeWithKafka(name: string, options: WithKafkaOptions, body: (kafka: KafkaFixture) => void): void {
  const shared = process.env['FANIN_KAFKA'] === 'off' ? undefined : sharedBrokers(options);
  const reason = shared === undefined ? kafkaUnavailable() : undefined;
  if (reason !== undefined && process.env['FANIN_KAFKA'] !== 'required') {
    process.stderr.write(`skipped, needs Kafka: ${name} (${reason})\n`);
    describe.skip(name, () => body(unavailable(reason)));
    return;
  }
  describe(name, () => {
    let cluster: KafkaCluster | undefined;
    beforeAll(async () => {
      if (reason !== undefined) throw new Error(`FANIN_KAFKA=required, but: ${reason}`);
      if (shared === undefined && options.needsOnly !== true)
        cluster = await startKafka({ brokers: options.brokers ?? 1 });
    }, 180_000);
    afterAll(async () => {
      await cluster?.stop();
    }, 60_000);
    const started = (): KafkaCluster => {
      if (cluster === undefined)
        throw new Error('no Kafka of its own: ask for { own: true }, and use it inside tests and hooks only');
      return cluster;
    };
    body({ brokers: () => shared ?? started().brokers, cluster: started });
  });
}

function unavailable(reason: string): KafkaFixture {
  const refuse = (): never => {
    throw new Error(reason);
  };
  return { brokers: refuse, cluster: refuse };
}
