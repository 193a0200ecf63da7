/** A call that somebody makes to one of the account's numbers, and how it goes. */
export interface CallScript {
  from: string;
  /** Without it the account's first number. */
  to?: string;
  /** When it was made (ISO 8601), for what happened while nobody listened. Default: now. */
  at?: string;
  /** False: our side never hears of it; it is in the list all the same, as a call that ended with an error. */
  webhook?: boolean;
  /** What the caller keys in, one entry for each `<Gather>`; '' or none left: nothing. */
  digits?: string[];
  /** How long the caller speaks into each `<Record>`; 0 is silence. Default 5. */
  speaks_seconds?: number;
  /** What ends a recording: silence, a key (with its digit), or the caller hanging up. Default silence. */
  ends_recording?: 'silence' | 'hangup' | '#' | '*' | '1';
  /** The caller hangs up when the call is this old… */
  hangs_up_at_seconds?: number;
  /** …or a second into the first verb of this name (`Say`, `Gather`, `Dial`, `Record`…). */
  hangs_up_during?: string;
  /** What becomes of each `<Dial>`, in turn; the last one stays. Default no-answer. */
  dial?: DialOutcome | DialOutcome[];
  /** How long caller and agent talk. Default 30. */
  talks_seconds?: number;
  /** What becomes of a recording after the caller is done. Default completed. */
  recording?: 'completed' | 'failed' | 'absent' | 'never';
  /** Until the file of a completed recording can be fetched, and its callback comes. Default 0. */
  recording_ready_after_ms?: number;
  /** What becomes of a transcription that was asked for. Default completed. */
  transcription?: 'completed' | 'failed' | 'never';
  transcription_text?: string;
  transcription_after_ms?: number;
  caller_name?: string;
  forwarded_from?: string;
  /** STIR/SHAKEN, for example `TN-Validation-Passed-A`. */
  stir_verstat?: string;
}

export type DialOutcome = 'answered' | 'no-answer' | 'busy' | 'failed';

export interface CallMade {
  call_sid: string;
}
