import { setTimeout as sleep } from 'node:timers/promises';
import { fromDeadLetter, isByReference, redriveCommand, deadLetterTopicOf, type BusRecord } from '@fanin/bus';
import type { EncodedRecord } from '@fanin/contracts';
import { messageOf } from '@fanin/kernel';
import { until } from '../system/until.js';
import { committedFates, inboundEvents, storedMessages } from './poison-evidence.js';
import { ODD, POISON, type PoisonKind } from './poison-kinds.js';
import { judgePoison, type PoisonEvidence, type PoisonVerdict } from './poison-verdict.js';
import { MESSAGES_GROUP, messagesTopic, openPoisonWorld, type PoisonWorld, type WorldOptions } from './poison-world.js';
import { encodeMessage, seededRandom, trialMessage } from './trial-messages.js';

export interface PoisonOptions extends WorldOptions {
  /** Of the poisoned run, the bad ones among them. */
  readonly records: number;
  readonly bad: number;
  readonly seed: number;
  /** Records a second (default 1 000). */
  readonly rate?: number;
  /** How long all may take to come to rest after the last record (default 120 s). */
  readonly restMs?: number;
  readonly print?: (line: string) => void;
}

/** A record that was sent in place of a good one. */
export interface Bad {
  readonly id: string;
  readonly kind: PoisonKind;
  readonly sent: EncodedRecord;
  readonly good: EncodedRecord;
}

const TICK_MS = 20;

/**
 * Two runs over one ticket core, the same but for the poison in the second; then the program is mended and the dead letters
 * are put back: once, once more by the same command, and once more by force.
 */
export async function runPoison(options: PoisonOptions): Promise<PoisonVerdict> {
  const { records, seed, rate = 1_000, restMs = 120_000, print = () => undefined } = options;
  const world = await openPoisonWorld(options);
  try {
    const calm = await load(world, encoded('calm', records), rate);
    await rested(world, restMs);
    print(`${records} without poison: behind the log by ${p99(delays(world, calm))} ms at p99`);
    const { all, bad } = poisoned(options, seededRandom(seed));
    const sentAt = await load(world, all, rate);
    const isAtRest = await rested(world, restMs);
    const letters = await readAll(world, deadLetterTopicOf(messagesTopic(world.prefix)));
    print(`${records} with ${bad.length} of poison: ${letters.length} dead letters`);
    const neighbours = new Map([...sentAt].filter(([id]) => !bad.some((one) => one.id === id)));
    const storedBefore = (await storedMessages(world.pool)).filter(({ id }) => id.startsWith('poison'));
    const redriven = isAtRest ? await redriveAll(world, bad, options, restMs) : [];
    print(`put back: ${redriven.join(', then ')}`);
    const evidence: PoisonEvidence = {
      bad,
      isAtRest,
      letters: letters.map((record) => ({
        record,
        letter: fromDeadLetter(record),
        byReference: isByReference(record),
      })),
      neighbours: [...neighbours.keys()],
      storedBefore,
      storedAfter: (await storedMessages(world.pool)).filter(({ id }) => id.startsWith('poison')),
      events: await inboundEvents(await readAll(world, `${world.prefix}.ticket.events.v1`)),
      fates: await committedFates(await readAll(world, `${world.prefix}.inbound.fates.v1`)),
      redriven,
      calmP99Ms: p99(delays(world, calm)),
      neighboursP99Ms: p99(delays(world, neighbours)),
    };
    return judgePoison(evidence);
  } finally {
    await world.close();
  }
}

/** The records of a run, by the provider message id that a good program would store. */
type Run = readonly (readonly [id: string, record: EncodedRecord])[];

function encoded(trial: string, count: number): Run {
  const now = Date.now();
  return Array.from({ length: count }, (_, n) => {
    const message = trialMessage(trial, n, now);
    return [message.provider_message_id, encodeMessage(message)];
  });
}

function poisoned({ records, bad: count }: PoisonOptions, random: () => number): { all: Run; bad: readonly Bad[] } {
  const now = Date.now();
  // Every second one at most: the message before a bad one is good, and of the same conversation.
  const places = Array.from({ length: Math.floor(records / 2) }, (_, i) => 2 * i + 1);
  const chosen = new Map<number, PoisonKind>();
  for (let i = 0; i < count; i += 1) {
    const [place] = places.splice(Math.floor(random() * places.length), 1);
    const kind = POISON[i % POISON.length];
    if (place !== undefined && kind !== undefined) chosen.set(place, kind);
  }
  const bad: Bad[] = [];
  const all = Array.from({ length: records }, (_, n): Run[number] => {
    const message = trialMessage('poison', n, now);
    const id = message.provider_message_id;
    const kind = chosen.get(n);
    const odd = n % 50 === 0 ? ODD[(n / 50) % ODD.length] : undefined;
    if (kind === undefined) return [id, encodeMessage(odd === undefined ? message : odd(message))];
    const sent = kind.spoil(message, trialMessage('poison', n - 1, now));
    bad.push({ id, kind, sent, good: encodeMessage(message) });
    return [id, sent];
  });
  return { all, bad };
}

/** Sends at a steady rate, whatever the log does; resolves to when each was sent (monotonic ms). */
async function load({ bus, prefix }: PoisonWorld, run: Run, rate: number): Promise<Map<string, number>> {
  const sentAt = new Map<string, number>();
  const startedAt = performance.now();
  const sends: Promise<void>[] = [];
  const failures: string[] = [];
  for (let at = 0; at < run.length;) {
    const due = Math.min(run.length, Math.ceil(((performance.now() - startedAt + TICK_MS) / 1_000) * rate));
    const part = run.slice(at, due);
    at = due;
    const now = performance.now();
    for (const [id] of part) sentAt.set(id, now);
    const records = part.map(([, record]) => record);
    if (records.length > 0)
      sends.push(
        bus
          .publish(messagesTopic(prefix), records, { timeoutMs: 30_000 })
          .catch((error: unknown) => void failures.push(messageOf(error))),
      );
    await sleep(TICK_MS);
  }
  await Promise.all(sends);
  if (failures.length > 0) throw new Error(`the log did not take the load: ${failures[0]}`);
  return sentAt;
}

/** True when the ticket core has read all, and all it has to say is on the log. */
async function rested({ bus, prefix, pool }: PoisonWorld, withinMs: number): Promise<boolean> {
  const topic = messagesTopic(prefix);
  const isDone = async (): Promise<boolean> => {
    const positions = await bus.positions(topic, `${prefix}.${MESSAGES_GROUP}`);
    if (positions.some(({ end, committed }) => end !== (committed ?? 0n))) return false;
    const { rows } = await pool.query<{ n: number }>('SELECT count(*)::int AS n FROM platform.outbox');
    return rows[0]?.n === 0;
  };
  return until('rest', isDone, withinMs).then(
    () => true,
    () => false,
  );
}

async function redriveAll(
  world: PoisonWorld,
  bad: readonly Bad[],
  { without }: PoisonOptions,
  restMs: number,
): Promise<number[]> {
  const topic = messagesTopic(world.prefix);
  const counts: number[] = [];
  const mended = new Map(bad.map(({ sent, good }) => [sent.headers['ce_id'] ?? '', good.value]));
  await world.mend(mended);
  const command = async (...more: string[]): Promise<void> => {
    const lines: string[] = [];
    await redriveCommand(world.bus, ['--topic', topic, ...more], (line) => lines.push(line));
    counts.push(Number(/^(\d+) put back/.exec(lines.find((line) => line.includes(' put back on ')) ?? '')?.[1] ?? -1));
    await rested(world, restMs);
  };
  await command();
  await command();
  // Another filter has a position of its own, so that this one takes them all again.
  if (without === 'stable ids')
    for (const [id, value] of mended)
      mended.set(id, Buffer.from(value.toString('utf8').replace(/"message_id":"./, '"message_id":"_')));
  await command('--group', `${world.prefix}.${MESSAGES_GROUP}`);
  return counts;
}

export async function readAll({ bus }: Pick<PoisonWorld, 'bus'>, topic: string): Promise<BusRecord[]> {
  const found: BusRecord[] = [];
  for (const { partition, earliest, end } of await bus.positions(topic, 'trial.reader')) {
    for (let offset = earliest; offset < end;) {
      const page = await bus.read(topic, partition, { fromOffset: offset, limit: 1_000 });
      found.push(...page);
      const last = page.at(-1);
      if (last === undefined) break;
      offset = last.offset + 1n;
    }
  }
  return found;
}

function delays({ committedAt }: PoisonWorld, sentAt: ReadonlyMap<string, number>): number[] {
  return [...sentAt].flatMap(([id, at]) => {
    const committed = committedAt.get(id);
    return committed === undefined ? [] : [committed - at];
  });
}

function p99(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return Math.round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * 0.99))] ?? 0);
}
