import { rfc2822 } from '../dates.js';
import { recordingUrl } from '../links.js';
import { newSid } from '../sids.js';
import type { RecordingRecord } from '../store.js';
import type { TwimlElement } from '../twiml.js';
import { callWebhook } from '../webhook.js';
import { fetchDocument } from './document.js';
import type { Step } from './document.js';
import { actionOf, note, pass, resolveUrl } from './leg.js';
import type { Leg } from './leg.js';
import { transcribe } from './transcribe.js';

/**
 * twilio.com/docs/voice/twiml/record: an empty recording goes on with the next verb; otherwise `action`, or without it
 * the current document, is asked with the recording's address, and verbs behind are never reached.
 */
export async function record(leg: Leg, verb: TwimlElement): Promise<Step> {
  const { attributes } = verb;
  const longest = Number(attributes['maxLength'] ?? '3600');
  const spoken = Math.min(leg.script.speaks_seconds ?? 5, longest);
  note(leg, 'Record', { speaks_seconds: spoken, max_length: longest });
  const seconds = Math.floor(await pass(leg, spoken));
  if (!leg.gone && leg.script.ends_recording === 'hangup') leg.gone = true;
  const ending = leg.gone ? 'hangup' : (leg.script.ends_recording ?? 'silence');
  if (ending === 'silence' && spoken < longest) await pass(leg, Number(attributes['timeout'] ?? '5'));
  if (seconds === 0) {
    tellAbsent(leg, verb);
    return leg.gone ? 'end' : 'next';
  }
  const recording = newRecording(leg, seconds, 'RecordVerb');
  leg.lastRecording = recording;
  process(leg, verb, recording);
  const next = {
    kind: 'voice.record',
    url: actionOf(leg, verb) ?? leg.documentUrl,
    params: {
      RecordingUrl: recordingUrl(leg.parts, recording),
      RecordingSid: recording.sid,
      RecordingDuration: `${seconds}`,
      ...(ending === 'silence' ? {} : { Digits: ending }),
    },
  };
  if (!leg.gone) return next;
  // Nobody hears the document any more, but it is asked for all the same.
  leg.call.status = 'completed';
  await fetchDocument(leg, next);
  return 'end';
}

export function newRecording(leg: Leg, seconds: number, source: RecordingRecord['source']): RecordingRecord {
  const recording: RecordingRecord = {
    sid: newSid(leg.parts.random, 'RE'),
    account_sid: leg.call.account_sid,
    call_sid: leg.call.sid,
    status: 'processing',
    duration_seconds: seconds,
    source,
    start_ms: leg.parts.clock.now(),
    error_code: null,
    ready_ms: null,
  };
  leg.parts.store.recordings.push(recording);
  return recording;
}

/** The recording is made ready, and transcribed, while the call goes on. */
export function process(leg: Leg, verb: TwimlElement, recording: RecordingRecord): void {
  void leg.parts.webhooks.activity.track(finishRecording(leg, verb, recording));
}

async function finishRecording(leg: Leg, verb: TwimlElement, recording: RecordingRecord): Promise<void> {
  const { parts, script } = leg;
  const fate = script.recording ?? 'completed';
  const waitMs = script.recording_ready_after_ms ?? 0;
  if (waitMs > 0) await parts.clock.sleep(waitMs, parts.signal);
  if (parts.signal.aborted || fate === 'never') return;
  recording.status = fate;
  if (fate === 'completed') recording.ready_ms = parts.clock.now();
  if (fate === 'failed') recording.error_code = 13127;
  const told = tellRecording(leg, verb, recording);
  if (verb.attributes['transcribe'] === 'true' || verb.attributes['transcribeCallback'] !== undefined) {
    await transcribe(leg, verb, recording);
  }
  await told;
}

async function tellRecording(leg: Leg, verb: TwimlElement, recording: RecordingRecord): Promise<void> {
  const callback = verb.attributes['recordingStatusCallback'];
  const events = (verb.attributes['recordingStatusCallbackEvent'] ?? 'completed').split(/[\s,]+/);
  if (callback === undefined || (recording.status !== 'failed' && !events.includes(recording.status))) return;
  await callWebhook(leg.parts, {
    kind: 'voice.recording_status',
    account: leg.account,
    url: resolveUrl(leg, callback),
    resourceSid: recording.sid,
    params: {
      AccountSid: recording.account_sid,
      CallSid: recording.call_sid,
      RecordingSid: recording.sid,
      RecordingUrl: recordingUrl(leg.parts, recording),
      RecordingStatus: recording.status,
      RecordingDuration: `${recording.duration_seconds}`,
      RecordingChannels: '1',
      RecordingStartTime: rfc2822(recording.start_ms),
      RecordingSource: recording.source,
      ErrorCode: `${recording.error_code ?? 0}`,
    },
  });
}

/** Nothing was heard: told only to those who asked for `absent`. */
function tellAbsent(leg: Leg, verb: TwimlElement): void {
  const recording = newRecording(leg, 0, 'RecordVerb');
  recording.status = 'absent';
  void leg.parts.webhooks.activity.track(tellRecording(leg, verb, recording));
}
