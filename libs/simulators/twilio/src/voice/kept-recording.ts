import { ControlError } from '@fanin/simulators/core';
import { checkFields } from '../checks.js';
import type { FieldType } from '../checks.js';
import type { TwilioParts } from '../parts.js';

/** A recording of a call that somebody else plays: they tell of it themselves, and only its sound is asked for here. */
export interface KeptRecording {
  recording_sid: string;
  call_sid: string;
  /** Default 5. */
  seconds?: number;
}

const FIELDS = { recording_sid: 'string', call_sid: 'string', seconds: 'number' } satisfies Record<
  keyof KeptRecording,
  FieldType
>;

/** Of the first account. The same one twice is one. */
export function keepRecording(parts: TwilioParts, kept: KeptRecording): void {
  checkFields('a recording', kept, FIELDS);
  const [account] = parts.settings.accounts;
  if (account === undefined) throw new ControlError('there is no account');
  for (const [name, value, form] of [
    ['recording_sid', kept.recording_sid, /^RE[0-9a-f]{32}$/],
    ['call_sid', kept.call_sid, /^CA[0-9a-f]{32}$/],
  ] as const)
    if (!form.test(value)) throw new ControlError(`"${name}" must look like ${form.source}, not ${String(value)}`);
  const { recordings } = parts.store;
  if (recordings.some(({ sid }) => sid === kept.recording_sid)) return;
  const now = parts.clock.now();
  recordings.push({
    sid: kept.recording_sid,
    account_sid: account.account_sid,
    call_sid: kept.call_sid,
    status: 'completed',
    duration_seconds: kept.seconds ?? 5,
    source: 'RecordVerb',
    start_ms: now,
    error_code: null,
    ready_ms: now,
  });
}
