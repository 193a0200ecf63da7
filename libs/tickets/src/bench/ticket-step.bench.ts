import type { InboundMessageV1 } from '@fanin/contracts';
import { createSystemClock } from '@fanin/kernel';
import type { Figure } from '@fanin/test-kit';
import { createIntake } from '../intake/intake.js';
import { benchLanes } from './bench-messages.js';
import { recordingDatabase, replay, type RecordedTransaction } from './recorded-writes.js';
import { figureOf, sideBySide, StepRuns, type Rate } from './step-runs.js';

export interface TicketStepFigures {
  /** The batch step against bare set-based SQL that writes the same rows on as many connections. */
  readonly ticket_step: Figure;
  /** The batch step against the same step with one transaction a message. */
  readonly ticket_step_vs_single: Figure;
}

export interface TicketStepOptions {
  /** An empty database of its own: the bench truncates. An administrator's address, or that of a plain owner. */
  readonly databaseUrl: string;
  readonly messages?: number;
  readonly batchSize?: number;
  readonly connections?: number;
  readonly rounds?: number;
}

/** Medians over the rounds; in each round the three forms run one after the other on emptied tables. */
export async function benchTicketStep(options: TicketStepOptions): Promise<TicketStepFigures> {
  const { messages = 20_000, batchSize = 500, connections = 2, rounds = 5 } = options;
  const runs = await StepRuns.open(options.databaseUrl, connections);
  const lanes = benchLanes(connections, Math.floor(messages / connections));
  const few = benchLanes(connections, Math.floor(messages / connections / 20));
  try {
    await runs.step(few, batchSize);
    const writes = await recordWrites(runs, lanes, batchSize);
    await runBare(runs, writes, messages);
    const steps: { ours: Rate; bare: Rate }[] = [];
    const singles: { ours: Rate; bare: Rate }[] = [];
    for (let round = 0; round < rounds; round += 1) {
      await runs.empty();
      const ours = await runs.step(lanes, batchSize);
      steps.push({ ours, bare: await runBare(runs, writes, messages) });
      await runs.empty();
      singles.push({ ours, bare: await runs.step(few, 1) });
    }
    const where = `batches of ${batchSize} on ${connections} connections; this process and the database on the same cores`;
    return {
      ticket_step: figureOf(steps, `${where}; limit: the same statements replayed`),
      ticket_step_vs_single: figureOf(singles, `${where}; limit: batches of one`),
    };
  } finally {
    await runs.close();
  }
}

async function runBare(
  runs: StepRuns,
  lanes: readonly (readonly RecordedTransaction[])[],
  messages: number,
): Promise<Rate> {
  await runs.empty();
  return runs.measure(messages, () =>
    sideBySide(lanes, async (lane) => {
      for (const transaction of lane) await replay(runs.database, transaction);
    }),
  );
}

/** Runs the step once, lane by lane, and keeps the statements that write. */
async function recordWrites(
  runs: StepRuns,
  lanes: readonly (readonly InboundMessageV1[])[],
  batchSize: number,
): Promise<RecordedTransaction[][]> {
  await runs.empty();
  const recorded: RecordedTransaction[][] = [];
  for (const lane of lanes) {
    const transactions: RecordedTransaction[] = [];
    const recording = createIntake({
      database: recordingDatabase(runs.database, transactions),
      publishing: runs.publishing,
      clock: createSystemClock(),
    });
    for (let at = 0; at < lane.length; at += batchSize) await recording.handleBatch(lane.slice(at, at + batchSize));
    recorded.push(transactions);
  }
  return recorded;
}
