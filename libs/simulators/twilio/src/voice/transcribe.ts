import { recordingUrl, transcriptionUrl } from '../links.js';
import { API_VERSION, raiseAlert } from '../parts.js';
import { newSid } from '../sids.js';
import type { RecordingRecord } from '../store.js';
import type { TwimlElement } from '../twiml.js';
import { callWebhook } from '../webhook.js';
import { resolveUrl } from './leg.js';
import type { Leg } from './leg.js';

/** Transcriptions exist for recordings longer than 2 s and shorter than 120 s (twilio.com/docs/api/errors/13617). */
const SHORTEST_TRANSCRIBED = 2;
const LONGEST_TRANSCRIBED = 120;

/** The text of a recording, some time after it is ready; a failure is told like a success. */
export async function transcribe(leg: Leg, verb: TwimlElement, recording: RecordingRecord): Promise<void> {
  const { parts, script } = leg;
  const waitMs = script.transcription_after_ms ?? 0;
  if (waitMs > 0) await parts.clock.sleep(waitMs, parts.signal);
  if (parts.signal.aborted || script.transcription === 'never') return;
  const seconds = recording.duration_seconds;
  const fits = seconds > SHORTEST_TRANSCRIBED && seconds < LONGEST_TRANSCRIBED;
  if (!fits) {
    const detail = `a recording of ${seconds} s is not transcribed`;
    const { account_sid, sid } = recording;
    raiseAlert(parts, { account_sid, error_code: 13617, resource_sid: sid, url: leg.documentUrl, detail });
  }
  const status = fits && recording.status === 'completed' ? (script.transcription ?? 'completed') : 'failed';
  const text = status === 'completed' ? (script.transcription_text ?? 'Please call me back about my order.') : '';
  const transcription = {
    sid: newSid(parts.random, 'TR'),
    account_sid: recording.account_sid,
    recording_sid: recording.sid,
    status,
    text,
    duration_seconds: seconds,
    created_ms: parts.clock.now(),
  };
  parts.store.transcriptions.push(transcription);
  const callback = verb.attributes['transcribeCallback'];
  if (callback === undefined) return;
  await callWebhook(parts, {
    kind: 'voice.transcription',
    account: leg.account,
    url: resolveUrl(leg, callback),
    resourceSid: transcription.sid,
    params: {
      TranscriptionSid: transcription.sid,
      TranscriptionText: text,
      TranscriptionStatus: status,
      TranscriptionType: 'fast',
      TranscriptionUrl: transcriptionUrl(parts, transcription),
      RecordingSid: recording.sid,
      RecordingUrl: recordingUrl(parts, recording),
      CallSid: leg.call.sid,
      AccountSid: leg.call.account_sid,
      From: leg.call.from,
      To: leg.call.to,
      CallStatus: leg.call.status,
      Direction: leg.call.direction,
      ApiVersion: API_VERSION,
    },
  });
}
