import type { TopicSpec } from '@fanin/bus';
import { topicSpecsOf } from '@fanin/bus';
import type { TopicDeclaration } from '@fanin/contracts';
import { DEFAULT_TOPIC_PREFIX, TOPICS, topicName } from '@fanin/contracts';

/** A file of deploy/kafka, by its name there. */
export interface RenderedFile {
  readonly name: string;
  readonly text: string;
  readonly executable: boolean;
}

const REPLICAS = 3;
const NOTE =
  'Made from the declarations in libs/contracts/src/topics.ts by `node libs/workspace/bin/kafka-topics.mjs`; do not edit.';

interface Row {
  readonly spec: TopicSpec;
  /** Undefined for a dead-letter topic. */
  readonly declaration: TopicDeclaration | undefined;
}

/** The three forms in which a platform team may want the topics: Strimzi resources, a script, a table to read. */
export function renderTopicFiles(): readonly RenderedFile[] {
  const declarations: readonly TopicDeclaration[] = Object.values(TOPICS);
  const rows = topicSpecsOf(undefined, declarations).map((spec) => ({
    spec,
    declaration: declarations.find((declaration) => topicName(declaration) === spec.name),
  }));
  return [
    { name: 'topics.yaml', text: renderStrimzi(rows), executable: false },
    { name: 'create-topics.sh', text: renderScript(rows), executable: true },
    { name: 'README.md', text: renderTable(rows), executable: false },
  ];
}

function settingsOf(spec: TopicSpec): Readonly<Record<string, string>> {
  return {
    'cleanup.policy': spec.cleanup,
    'retention.ms': String(spec.retentionMs),
    'min.insync.replicas': '2',
  };
}

function renderStrimzi(rows: readonly Row[]): string {
  const documents = rows.map(({ spec }) => {
    const settings = Object.entries(settingsOf(spec)).map(([name, value]) => `    ${name}: "${value}"`);
    // Resource names allow no capitals and no underscore (RFC 1123); a dot is allowed.
    return `apiVersion: kafka.strimzi.io/v1beta2
kind: KafkaTopic
metadata:
  name: ${spec.name}
  labels:
    strimzi.io/cluster: kafka # the name of your Kafka resource
spec:
  topicName: ${spec.name}
  partitions: ${spec.partitions}
  replicas: ${REPLICAS}
  config:
${settings.join('\n')}
`;
  });
  return `# ${NOTE}\n# Strimzi (https://strimzi.io): kubectl apply -f topics.yaml. Other prefix than ${DEFAULT_TOPIC_PREFIX}: replace it throughout.\n${documents.join('---\n')}`;
}

function renderScript(rows: readonly Row[]): string {
  const lines = rows.map(({ spec }) => {
    const settings = Object.entries(settingsOf(spec)).map(([name, value]) => `--config '${name}=${value}'`);
    return `create ${spec.name} ${spec.partitions} ${settings.join(' ')}`;
  });
  return `#!/bin/sh
# ${NOTE}
# Creates the topics that are missing; leaves existing ones as they are.
#   BOOTSTRAP=kafka:9092 [KAFKA_TOPICS=/opt/kafka/bin/kafka-topics.sh] [REPLICAS=${REPLICAS}] [COMMAND_CONFIG=client.properties] ./create-topics.sh
set -eu
: "\${BOOTSTRAP:?name a broker, for example BOOTSTRAP=kafka:9092}"

create() {
  topic=$1
  partitions=$2
  shift 2
  "\${KAFKA_TOPICS:-kafka-topics.sh}" --bootstrap-server "$BOOTSTRAP" \${COMMAND_CONFIG:+--command-config "$COMMAND_CONFIG"} \\
    --create --if-not-exists --topic "$topic" --partitions "$partitions" --replication-factor "\${REPLICAS:-${REPLICAS}}" "$@"
}

${lines.join('\n')}
`;
}

function renderTable(rows: readonly Row[]): string {
  const lines = rows.map(({ spec, declaration }) => {
    const what = declaration ?? {
      key: 'as in the topic it belongs to',
      owner: 'every consumer',
      description: 'What could not be handled, with the reason in headers.',
    };
    return `| \`${spec.name}\` | ${what.key} | ${spec.partitions} | ${daysOf(spec.retentionMs)} | ${spec.cleanup} | ${what.owner} | ${what.description} |`;
  });
  return `# Topics

<!-- ${NOTE} -->

Services create what is missing when they may (\`CREATE\` on the cluster). Where they may not, apply \`topics.yaml\` (Strimzi) or
run \`create-topics.sh\` before they start. A service refuses to start on a topic with another number of partitions: the
partition of a key would change, and with it the order of a conversation. Brokers need \`auto.create.topics.enable=false\`.

| topic | key | partitions | kept | cleanup | written by | holds |
| --- | --- | ---: | --- | --- | --- | --- |
${lines.join('\n')}
`;
}

function daysOf(retentionMs: number): string {
  return retentionMs === -1 ? 'for ever' : `${retentionMs / 86_400_000} days`;
}
