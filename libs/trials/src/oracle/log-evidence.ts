import { DEAD_LETTER_PREFIX, type Bus, type BusRecord } from '@fanin/bus';
import { deadLetterTopic, TOPICS, topicName, type TicketEventV1, type TopicDeclaration } from '@fanin/contracts';
import { Stories, type Story } from './recount/story.js';

type Row = Readonly<Record<string, unknown>>;

/** What the log says at rest. */
export interface LogEvidence {
  /** Distinct deliveries on inbound.raw. */
  readonly captured: number;
  /** Every ticket's life, by its id. */
  readonly stories: ReadonlyMap<string, Story>;
  /** Latest row of each key. */
  readonly facts: ReadonlyMap<string, Row>;
  readonly windows: ReadonlyMap<string, Row>;
  /** Lines on events that are missing or out of their order. */
  readonly eventFaults: readonly string[];
  /** Records that some group set aside, of any topic. */
  readonly deadLetters: number;
}

const PAGE = 1_000;

/** Every record of a topic, partition by partition, in order. */
export async function* recordsOf(bus: Bus, topic: TopicDeclaration, prefix: string): AsyncGenerator<BusRecord> {
  yield* recordsAt(bus, topicName(topic, prefix), topic.partitions);
}

async function* recordsAt(bus: Bus, name: string, partitions: number): AsyncGenerator<BusRecord> {
  for (let partition = 0; partition < partitions; partition += 1) {
    for (let fromOffset = 0n; ;) {
      const records = await bus.read(name, partition, { fromOffset, limit: PAGE });
      yield* records;
      const last = records.at(-1);
      if (last === undefined) break;
      fromOffset = last.offset + 1n;
    }
  }
}

export async function readLog(bus: Bus, prefix: string): Promise<LogEvidence> {
  const ids = new Set<string>();
  for await (const { headers } of recordsOf(bus, TOPICS.rawDeliveries, prefix)) ids.add(headers['ce_id'] ?? '');
  const stories = new Stories();
  for await (const { value } of recordsOf(bus, TOPICS.ticketEvents, prefix))
    if (value !== null) stories.add(JSON.parse(value.toString()) as TicketEventV1);
  return {
    captured: ids.size,
    stories: stories.byTicket,
    eventFaults: stories.faults,
    facts: await latestRows(bus, TOPICS.ticketFacts, prefix),
    windows: await latestRows(bus, TOPICS.windows, prefix),
    deadLetters: await countDeadLetters(bus, prefix),
  };
}

/** A record that was set aside twice by one group, because it died in between, counts once. */
async function countDeadLetters(bus: Bus, prefix: string): Promise<number> {
  const letters = new Set<string>();
  for (const topic of Object.values(TOPICS))
    for await (const { headers } of recordsAt(bus, deadLetterTopic(topicName(topic, prefix)), 1))
      letters.add(
        ['group', 'topic', 'partition', 'offset'].map((name) => headers[DEAD_LETTER_PREFIX + name]).join(' '),
      );
  return letters.size;
}

async function latestRows(bus: Bus, topic: TopicDeclaration, prefix: string): Promise<ReadonlyMap<string, Row>> {
  const rows = new Map<string, Row>();
  for await (const { key, value } of recordsOf(bus, topic, prefix)) {
    if (key === null) continue;
    if (value === null) rows.delete(key);
    else rows.set(key, JSON.parse(value.toString()) as Row);
  }
  return rows;
}
