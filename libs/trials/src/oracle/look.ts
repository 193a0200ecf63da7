import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import type { FateCounts } from '../system/api-types.js';
import type { SystemUnderTest, Tenant } from '../system/system.js';
import { apiLines } from './api-lines.js';
import { readEvidence } from './evidence.js';
import { readLog } from './log-evidence.js';
import { untilQuiet } from './quiet.js';
import type { Recorder } from './recorder.js';
import { readSent } from './sent.js';
import { judge, type Judged, type Shown, type Verdict } from './verdict.js';
import { readTranscripts, visitorLines } from './visitor-lines.js';

type Row = Readonly<Record<string, unknown>>;

/** All the evidence of a system at rest. `doctor` changes the tables first, in a transaction that is rolled back. */
export async function lookAt(
  system: SystemUnderTest,
  recorder: Recorder,
  doctor?: (client: pg.ClientBase) => Promise<unknown>,
): Promise<Judged> {
  const client = new pg.Client({ connectionString: system.adminUrl });
  await client.connect();
  const bus = await system.openBus();
  try {
    await client.query('BEGIN');
    await doctor?.(client);
    const evidence = await readEvidence(client);
    const sent = await readSent(system, client);
    const transcripts = await readTranscripts(client, recorder.heard);
    const shown = await readShown(system, client);
    // What is doctored is seen in this transaction only.
    const apiFaults = doctor === undefined ? await apiLines(system, shown) : [];
    const log = await readLog(bus, system.topicPrefix);
    return {
      messages: recorder.messages(),
      replies: recorder.replies(),
      changes: recorder.changes(),
      evidence,
      log,
      sent,
      visitors: visitorLines(recorder.heard, transcripts),
      shown: { ...shown, apiFaults },
    };
  } finally {
    await client.query('ROLLBACK').catch(() => undefined);
    await client.end();
    await bus.close();
  }
}

export async function verdictOn(
  system: SystemUnderTest,
  recorder: Recorder,
  expectedDeadLetters = 0,
): Promise<Verdict> {
  return judge({ ...(await lookAt(system, recorder)), expectedDeadLetters });
}

const LOOKS = 3;
const BETWEEN_LOOKS_MS = 1_000;

/** Vendors speak when they please, also between two looks at it: what is wrong must be wrong at rest, and stay so. */
export async function settledVerdict(
  system: SystemUnderTest,
  recorder: Recorder,
  quietLimitMs: number,
): Promise<Verdict> {
  for (let look = 1; ; look += 1) {
    const verdict = await verdictOn(system, recorder);
    if (verdict.problems.length === 0 || look === LOOKS) return verdict;
    await sleep(BETWEEN_LOOKS_MS);
    await untilQuiet(system, { limitMs: quietLimitMs }).catch(() => undefined);
  }
}

/** Rows by the views that BI tools are given, sums by the API. */
async function readShown(system: SystemUnderTest, client: pg.ClientBase): Promise<Omit<Shown, 'apiFaults'>> {
  const rowsOf = async (view: string): Promise<readonly Row[]> =>
    (await client.query<{ row: Row }>(`SELECT to_jsonb(v.*) AS row FROM bi.${view} v`)).rows.map(({ row }) => row);
  const sums = { captured: 0, fates: 0, inFlight: 0 };
  for (const tenant of Object.keys(system.api) as Tenant[]) {
    const { captured, in_flight, fates } = await system.api[tenant].get<FateCounts>('/fates');
    sums.captured += captured;
    sums.inFlight += in_flight;
    sums.fates += Object.values(fates).reduce((sum, count) => sum + count, 0);
  }
  return { facts: await rowsOf('ticket_facts'), windows: await rowsOf('windows'), ...sums };
}
