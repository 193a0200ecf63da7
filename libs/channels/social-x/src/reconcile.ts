import type { AccountNotice, PollCapture, PollOutcome } from '@fanin/connector-kit';
import { codeOf, FaninError, isoTime, type Clock } from '@fanin/kernel';
import { readCursor, writeCursor, type Cursor } from './cursor.js';
import { XFailure } from './errors.js';
import type { JobOutcome } from './upkeep.js';

export interface Job {
  readonly name: string;
  readonly intervalMs: number;
  run(cursor: Cursor, signal: AbortSignal): Promise<JobOutcome>;
}

/** Where a job stands in this process; its progress is in the cursor. */
interface Turn {
  readonly job: Job;
  dueAt: number;
  lastAt: number;
  /** X told it to wait; thrown again until then, so that the state of the account shows it. */
  resting: FaninError | null;
  capped: boolean;
}

export interface ReconcileParts {
  readonly jobs: readonly Job[];
  readonly clock: Clock;
  readonly onWake: (wake: () => void) => void;
}

/**
 * Runs the jobs in turn, one in each call, so that one that fails does not keep the others from going on: a webhook that
 * cannot be repaired while polling works, direct messages without the scope for them while mentions come in.
 */
export function createReconcile({ jobs, clock, onWake }: ReconcileParts): PollCapture {
  const turns = jobs.map((job): Turn => ({ job, dueAt: 0, lastAt: 0, resting: null, capped: false }));
  const intervalMs = Math.min(...jobs.map((job) => job.intervalMs));

  const isMoreToDo = (nowMs: number): boolean => turns.some((turn) => turn.dueAt <= nowMs || turn.resting !== null);

  function rest(turn: Turn, error: FaninError, text: string): PollOutcome {
    const waitMs = error.retryAfterMs ?? 60_000;
    const wasCapped = turn.capped;
    turn.dueAt = clock.now() + waitMs;
    turn.resting = error;
    turn.capped = error instanceof XFailure && error.usageCapped;
    if (!turn.capped || wasCapped) throw error;
    const message = `${error.message}. Reading of ${turn.job.name} rests until ${isoTime(turn.dueAt)}; buy credits or raise the cap in X's developer console`;
    return { deliveries: [], cursor: text, more: true, notices: [{ code: 'RATE_LIMITED', message }] };
  }

  async function take(turn: Turn, cursor: Cursor, text: string, signal: AbortSignal): Promise<PollOutcome> {
    const startedAt = clock.now();
    turn.lastAt = startedAt;
    let done: JobOutcome;
    try {
      done = await turn.job.run(cursor, signal);
    } catch (error) {
      if (error instanceof FaninError && codeOf(error) === 'RATE_LIMITED') return rest(turn, error, text);
      throw error;
    }
    // The host varies its waits a little: what is nearly due is due.
    turn.dueAt = done.again ? startedAt : startedAt + turn.job.intervalMs * 0.85;
    turn.resting = null;
    const over: AccountNotice[] = turn.capped
      ? [
          {
            code: 'RATE_LIMITED',
            message: `X answers again: reading of ${turn.job.name} goes on from where it stopped`,
          },
        ]
      : [];
    turn.capped = false;
    return {
      deliveries: done.deliveries,
      cursor: writeCursor(done.cursor),
      more: isMoreToDo(startedAt),
      ...(done.backfilling === true ? { backfilling: true } : {}),
      notices: [...over, ...(done.notices ?? [])],
    };
  }

  return {
    shape: 'poll',
    intervalMs,
    onWake(wake) {
      onWake(() => {
        for (const turn of turns) if (turn.resting === null) turn.dueAt = 0;
        wake();
      });
    },
    async poll(text, signal) {
      const cursor = readCursor(text);
      const nowMs = clock.now();
      const due = turns.filter((turn) => turn.dueAt <= nowMs).sort((one, other) => one.lastAt - other.lastAt);
      const [turn] = due;
      if (turn !== undefined) return take(turn, cursor, text ?? writeCursor(cursor), signal);
      const resting = turns.find((each) => each.resting !== null);
      if (resting?.resting != null) throw again(resting.resting, Math.min(...turns.map((each) => each.dueAt)) - nowMs);
      return { deliveries: [], cursor: writeCursor(cursor), more: false };
    },
  };
}

function again(error: FaninError, retryAfterMs: number): FaninError {
  return new FaninError(error.code, error.message, { retryAfterMs });
}
