import type { Bus } from '@fanin/bus';
import type { EncodedRecord } from '@fanin/contracts';
import { codeOf, messageOf } from '@fanin/kernel';
import { packRecords, unpackRecords } from './outbox-rows.js';

export interface OutboxRow {
  readonly id: string;
  readonly topic: string;
  readonly records: Buffer;
}

export interface RefusedRow {
  readonly id: string;
  /** What is left of the row: the refused records only. */
  readonly records: Buffer;
  readonly count: number;
  readonly reason: string;
}

export interface PublishOutcome {
  /** Rows that the log took whole. */
  readonly done: readonly string[];
  readonly refused: readonly RefusedRow[];
  /** Why the rest is not done; it comes again. */
  readonly failure: unknown;
}

const PUBLISH_TIMEOUT_MS = 10_000;

/**
 * Publishes rows, topics side by side, the rows of one topic in order. Order matters only within a topic: a key lives in
 * one. When the log refuses a topic's rows for good (BAD_PAYLOAD), they go one record at a time until the refused ones
 * stand alone, so that one record that is too large stops nobody.
 */
export async function publishRows(bus: Bus, rows: readonly OutboxRow[]): Promise<PublishOutcome> {
  const byTopic = new Map<string, OutboxRow[]>();
  for (const row of rows) byTopic.set(row.topic, [...(byTopic.get(row.topic) ?? []), row]);
  const outcomes = await Promise.all([...byTopic].map(([topic, its]) => publishTopic(bus, topic, its)));
  return {
    done: outcomes.flatMap(({ done }) => done),
    refused: outcomes.flatMap(({ refused }) => refused),
    failure: outcomes.find(({ failure }) => failure !== undefined)?.failure,
  };
}

async function publishTopic(bus: Bus, topic: string, rows: readonly OutboxRow[]): Promise<PublishOutcome> {
  try {
    await bus.publish(
      topic,
      rows.flatMap(({ records }) => unpackRecords(records)),
      { timeoutMs: PUBLISH_TIMEOUT_MS },
    );
    return { done: rows.map(({ id }) => id), refused: [], failure: undefined };
  } catch (error) {
    return codeOf(error) === 'BAD_PAYLOAD' ? oneByOne(bus, topic, rows) : { done: [], refused: [], failure: error };
  }
}

async function oneByOne(bus: Bus, topic: string, rows: readonly OutboxRow[]): Promise<PublishOutcome> {
  const done: string[] = [];
  const refused: RefusedRow[] = [];
  for (const { id, records } of rows) {
    const bad: EncodedRecord[] = [];
    let reason = '';
    for (const record of unpackRecords(records)) {
      try {
        await bus.publish(topic, [record], { timeoutMs: PUBLISH_TIMEOUT_MS });
      } catch (error) {
        if (codeOf(error) !== 'BAD_PAYLOAD') return { done, refused, failure: error };
        bad.push(record);
        reason = messageOf(error);
      }
    }
    if (bad.length === 0) done.push(id);
    else refused.push({ id, records: packRecords(bad), count: bad.length, reason });
  }
  return { done, refused, failure: undefined };
}
