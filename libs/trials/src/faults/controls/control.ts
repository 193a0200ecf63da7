import type { Recorder } from '../../oracle/recorder.js';
import type { Verdict } from '../../oracle/verdict.js';
import type { Form, Stage } from '../case.js';
import type { Random } from '../random.js';
import type { Supervisor } from '../supervisor.js';

/** A safeguard switched off in the trial's own database, road or process; the verdict must see what comes of it. */
export interface Control {
  readonly name: string;
  /** What is off. */
  readonly off: string;
  readonly forms: readonly Form[];
  /** How much of what it must show is there. */
  count(verdict: Verdict): number;
}

/** The rows are changed as the missing safeguard would have left them, in a transaction that is rolled back. */
export interface DoctoredControl extends Control {
  readonly sql: string;
}

/** The safeguard is off while traffic flows, after it was on under the same traffic. */
export interface LiveControl extends Control {
  /** Why it cannot be shown here. */
  missing?(stage: Stage): string | undefined;
  drive(world: ControlWorld): Promise<void>;
  /** Rest is what its absence takes away: it is not waited for as long. */
  readonly restless?: true;
  /** What must stay off until the verdict is there. */
  mend?(world: ControlWorld): Promise<void>;
}

export interface ControlWorld {
  readonly stage: Stage;
  readonly supervisor: Supervisor;
  readonly recorder: Recorder;
  readonly random: Random;
  /** False: everything is the same, but for the safeguard. */
  readonly isOff: boolean;
  sql(text: string): Promise<void>;
  /** Something that the oracle does not judge. */
  fault(line: string): void;
}

export const BOTH_FORMS: readonly Form[] = ['cluster', 'standalone'];
