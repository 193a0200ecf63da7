import type { Figure } from '@fanin/test-kit';
import { benchLanes } from './bench-messages.js';
import { figureOf, StepRuns, type Rate } from './step-runs.js';

const MESSAGES = 20_000;
const BATCH = 500;
const CONNECTIONS = 2;
const ROUNDS = 5;

/**
 * What a consumer does after a crash: the step over messages that are all stored already (the same deliveries, whose fates
 * went out with their rows), against the same messages when they were new. Each round writes them into emptied tables and
 * then hands them over again.
 */
export async function benchRedelivery({ databaseUrl }: { readonly databaseUrl: string }): Promise<Figure> {
  const runs = await StepRuns.open(databaseUrl, CONNECTIONS);
  const lanes = benchLanes(CONNECTIONS, MESSAGES / CONNECTIONS);
  try {
    await runs.empty();
    await runs.step(lanes, BATCH);
    const rounds: { ours: Rate; bare: Rate }[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      await runs.empty();
      const bare = await runs.step(lanes, BATCH);
      rounds.push({ ours: await runs.step(lanes, BATCH), bare });
    }
    return figureOf(
      rounds,
      `batches of ${BATCH} on ${CONNECTIONS} connections, all stored already; this process and the database on the same cores; limit: the same messages when new`,
    );
  } finally {
    await runs.close();
  }
}
