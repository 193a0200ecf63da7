import type { AccountNotice, PollCapture, PollOutcome } from '@fanin/connector-kit';
import { codeOf, FaninError, isoTime, type Clock } from '@fanin/kernel';
import { readCursor, writeCursor, type Cursor } from './cursor.js';
import { withoutStop, XFailure } from './errors.js';
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
  failed: boolean;
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
  const turns = jobs.map((job): Turn => ({ job, dueAt: 0, lastAt: 0, failed: false, resting: null, capped: false }));
  let round: Turn[] = [];
  const intervalMs = Math.min(...jobs.map((job) => job.intervalMs));

  /** Also when one failed or rests: the next call throws again, and the account is not shown as if all were well. */
  const isMoreToDo = (): boolean => round.length > 0 || turns.some((turn) => turn.failed || turn.resting !== null);

  /** The jobs that are due; when the host asks before any is, all of them. A job that failed waits behind the others. */
  function nextRound(nowMs: number): Turn[] {
    const due = turns.filter((turn) => turn.dueAt <= nowMs);
    const isResting = turns.some((turn) => turn.resting !== null);
    return (due.length > 0 || isResting ? due : [...turns]).sort((one, other) => one.lastAt - other.lastAt);
  }

  function rest(turn: Turn, error: FaninError, text: string): PollOutcome {
    const waitMs = error.retryAfterMs ?? 60_000;
    const wasCapped = turn.capped;
    turn.dueAt = clock.monotonicMs() + waitMs;
    turn.failed = false;
    turn.resting = error;
    turn.capped = error instanceof XFailure && error.usageCapped;
    if (!turn.capped || wasCapped) throw error;
    const message = `${withoutStop(error.message)}. Reading of ${turn.job.name} rests until ${isoTime(clock.now() + waitMs)}; buy credits or raise the cap in X's developer console`;
    return { deliveries: [], cursor: text, more: true, notices: [{ code: 'RATE_LIMITED', message }] };
  }

  async function take(turn: Turn, cursor: Cursor, text: string, signal: AbortSignal): Promise<PollOutcome> {
    const startedAt = clock.monotonicMs();
    turn.lastAt = startedAt;
    let done: JobOutcome;
    try {
      done = await turn.job.run(cursor, signal);
    } catch (error) {
      if (error instanceof FaninError && codeOf(error) === 'RATE_LIMITED') return rest(turn, error, text);
      turn.failed = true;
      turn.dueAt = 0;
      throw error;
    }
    // The host varies its waits a little: what is nearly due is due.
    turn.dueAt = startedAt + turn.job.intervalMs * 0.85;
    turn.failed = false;
    turn.resting = null;
    if (done.again) round.push(turn);
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
      more: isMoreToDo(),
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
      const nowMs = clock.monotonicMs();
      if (round.length === 0) round = nextRound(nowMs);
      const turn = round.shift();
      if (turn !== undefined) return take(turn, cursor, text ?? writeCursor(cursor), signal);
      const resting = turns.find((each) => each.resting !== null);
      if (resting?.resting) throw again(resting.resting, Math.min(...turns.map((each) => each.dueAt)) - nowMs);
      return { deliveries: [], cursor: writeCursor(cursor), more: false };
    },
  };
}

function again(error: FaninError, retryAfterMs: number): FaninError {
  return new FaninError(error.code, error.message, { retryAfterMs });
}
