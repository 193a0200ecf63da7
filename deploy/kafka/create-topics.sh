#!/bin/sh
# Made from the declarations in libs/contracts/src/topics.ts by `node libs/workspace/bin/kafka-topics.mjs`; do not edit.
# Creates the topics that are missing; leaves existing ones as they are.
#   BOOTSTRAP=kafka:9092 [KAFKA_TOPICS=/opt/kafka/bin/kafka-topics.sh] [REPLICAS=3] [COMMAND_CONFIG=client.properties] ./create-topics.sh
set -eu
: "${BOOTSTRAP:?name a broker, for example BOOTSTRAP=kafka:9092}"

create() {
  topic=$1
  partitions=$2
  shift 2
  "${KAFKA_TOPICS:-kafka-topics.sh}" --bootstrap-server "$BOOTSTRAP" ${COMMAND_CONFIG:+--command-config "$COMMAND_CONFIG"} \
    --create --if-not-exists --topic "$topic" --partitions "$partitions" --replication-factor "${REPLICAS:-3}" "$@"
}

create fanin.inbound.raw.v1 12 --config 'cleanup.policy=delete' --config 'retention.ms=2592000000' --config 'min.insync.replicas=2'
create fanin.inbound.raw.v1.dlq 1 --config 'cleanup.policy=delete' --config 'retention.ms=2592000000' --config 'min.insync.replicas=2'
create fanin.inbound.messages.v1 12 --config 'cleanup.policy=delete' --config 'retention.ms=2592000000' --config 'min.insync.replicas=2'
create fanin.inbound.messages.v1.dlq 1 --config 'cleanup.policy=delete' --config 'retention.ms=2592000000' --config 'min.insync.replicas=2'
create fanin.inbound.fates.v1 6 --config 'cleanup.policy=delete' --config 'retention.ms=2592000000' --config 'min.insync.replicas=2'
create fanin.inbound.fates.v1.dlq 1 --config 'cleanup.policy=delete' --config 'retention.ms=2592000000' --config 'min.insync.replicas=2'
create fanin.ticket.events.v1 12 --config 'cleanup.policy=delete' --config 'retention.ms=34560000000' --config 'min.insync.replicas=2'
create fanin.ticket.events.v1.dlq 1 --config 'cleanup.policy=delete' --config 'retention.ms=34560000000' --config 'min.insync.replicas=2'
create fanin.outbound.messages.v1 6 --config 'cleanup.policy=delete' --config 'retention.ms=2592000000' --config 'min.insync.replicas=2'
create fanin.outbound.messages.v1.dlq 1 --config 'cleanup.policy=delete' --config 'retention.ms=2592000000' --config 'min.insync.replicas=2'
create fanin.outbound.receipts.v1 6 --config 'cleanup.policy=delete' --config 'retention.ms=2592000000' --config 'min.insync.replicas=2'
create fanin.outbound.receipts.v1.dlq 1 --config 'cleanup.policy=delete' --config 'retention.ms=2592000000' --config 'min.insync.replicas=2'
create fanin.metrics.ticket-facts.v1 6 --config 'cleanup.policy=compact' --config 'retention.ms=-1' --config 'min.insync.replicas=2'
create fanin.metrics.ticket-facts.v1.dlq 1 --config 'cleanup.policy=delete' --config 'retention.ms=-1' --config 'min.insync.replicas=2'
create fanin.metrics.windows.v1 6 --config 'cleanup.policy=compact,delete' --config 'retention.ms=34560000000' --config 'min.insync.replicas=2'
create fanin.metrics.windows.v1.dlq 1 --config 'cleanup.policy=delete' --config 'retention.ms=34560000000' --config 'min.insync.replicas=2'
