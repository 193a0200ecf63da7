import { ControlError } from '@fanin/simulators/core';
import { checkFields, timeOf } from '../checks.js';
import type { FieldType } from '../checks.js';
import type { TwilioAccount } from '../config.js';
import { rfc2822 } from '../dates.js';
import { recordingUrl } from '../links.js';
import { ownerOf } from '../parts.js';
import type { TwilioParts } from '../parts.js';
import { newSid } from '../sids.js';
import type { CallRecord } from '../store.js';
import type { TwimlElement } from '../twiml.js';
import { callWebhook } from '../webhook.js';
import { fetchDocument } from './document.js';
import type { NextDocument } from './document.js';
import { newLeg, note, voiceParams } from './leg.js';
import type { Leg } from './leg.js';
import type { CallMade, CallScript } from './script.js';
import { playVerbs } from './verbs.js';

const FIELDS = {
  from: 'string',
  to: 'string',
  at: 'string',
  webhook: 'boolean',
  digits: 'list',
  speaks_seconds: 'number',
  ends_recording: 'string',
  hangs_up_at_seconds: 'number',
  hangs_up_during: 'string',
  dial: 'any',
  talks_seconds: 'number',
  recording: 'string',
  recording_ready_after_ms: 'number',
  transcription: 'string',
  transcription_text: 'string',
  transcription_after_ms: 'number',
  caller_name: 'string',
  forwarded_from: 'string',
  stir_verstat: 'string',
} satisfies Record<keyof CallScript, FieldType>;

/** Somebody calls. Answers at once; the call is played meanwhile, and `idle()` waits for its end and all callbacks. */
export function receiveCall(parts: TwilioParts, script: CallScript): CallMade {
  checkFields('a call', script, FIELDS);
  const atMs = timeOf(script.at, parts.clock.now());
  const wanted = script.to ?? parts.settings.accounts[0]?.numbers[0]?.phone_number ?? '';
  const owner = ownerOf(parts.settings, wanted);
  if (owner === undefined) throw new ControlError(`"to" must be a number of an account, not ${wanted}`);
  if (typeof script.from !== 'string' || script.from === '') {
    throw new ControlError('"from" must be a phone number, for example +12025550111');
  }
  const { account, number } = owner;
  const call = newCall(parts, account, { from: script.from, to: wanted, direction: 'inbound' });
  call.status = 'ringing';
  call.caller_name = script.caller_name ?? null;
  call.forwarded_from = script.forwarded_from ?? null;
  call.phone_number_sid = number.sid;
  call.created_ms = atMs;
  const leg = newLeg(parts, account, call, script, number.voice_fallback_url);
  const heard = script.webhook !== false;
  void parts.webhooks.activity.track(
    playIncoming(leg, heard ? number.voice_url : undefined, heard ? number.status_callback : undefined),
  );
  return { call_sid: call.sid };
}

export function newCall(
  parts: TwilioParts,
  account: TwilioAccount,
  ends: Pick<CallRecord, 'from' | 'to' | 'direction'>,
): CallRecord {
  const call: CallRecord = {
    ...ends,
    sid: newSid(parts.random, 'CA'),
    account_sid: account.account_sid,
    parent_call_sid: null,
    status: 'queued',
    created_ms: parts.clock.now(),
    start_ms: null,
    end_ms: null,
    duration_seconds: null,
    caller_name: null,
    forwarded_from: null,
    phone_number_sid: null,
    events: [],
  };
  parts.store.calls.push(call);
  return call;
}

async function playIncoming(leg: Leg, url: string | undefined, statusCallback: string | undefined): Promise<void> {
  leg.call.start_ms = leg.call.created_ms;
  if (url === undefined || url === '') {
    note(leg, 'application_error', { url: '' });
  } else {
    await playDocuments(leg, { kind: 'voice', url, params: {} });
  }
  await endCall(leg, statusCallback, 0);
}

/** Document after document, until one ends the call, cannot be had, or nobody listens any more. */
export async function playDocuments(leg: Leg, first: NextDocument, verbs?: TwimlElement[]): Promise<void> {
  let given = verbs;
  let next: NextDocument | undefined = first;
  while (next !== undefined && !leg.gone) {
    const document: TwimlElement[] | undefined = given ?? (await fetchDocument(leg, next));
    given = undefined;
    if (document === undefined) return;
    // Answered, unless the very first verb refuses the call.
    if (document[0]?.name !== 'Reject' && leg.call.status === 'ringing') leg.call.status = 'in-progress';
    next = await playVerbs(leg, document);
  }
}

/** Writes the call's end down and tells it (twilio.com/docs/voice/api/call-resource#statuscallback). */
export async function endCall(leg: Leg, statusCallback: string | undefined, sequence: number): Promise<void> {
  const { call, parts } = leg;
  if (call.status === 'ringing' || call.status === 'in-progress') call.status = 'completed';
  call.end_ms = leg.script.at === undefined ? parts.clock.now() : call.created_ms + leg.elapsed * 1000;
  call.duration_seconds = Math.ceil(leg.elapsed);
  note(leg, 'end', { status: call.status, hung_up_by: leg.gone ? 'person' : 'document' });
  if (statusCallback === undefined || statusCallback === '' || parts.signal.aborted) return;
  await tellStatus(leg, statusCallback, sequence);
}

export async function tellStatus(leg: Leg, statusCallback: string, sequence: number): Promise<void> {
  const { call, parts, account, lastRecording } = leg;
  const over = call.duration_seconds !== null;
  await callWebhook(parts, {
    kind: 'voice.status',
    account,
    url: statusCallback,
    resourceSid: call.sid,
    params: {
      ...voiceParams(leg),
      Timestamp: rfc2822(parts.clock.now()),
      CallbackSource: 'call-progress-events',
      SequenceNumber: `${sequence}`,
      ...(over ? { CallDuration: `${call.duration_seconds}`, Duration: `${Math.ceil(leg.elapsed / 60)}` } : {}),
      ...(lastRecording === undefined
        ? {}
        : {
            RecordingUrl: recordingUrl(parts, lastRecording),
            RecordingSid: lastRecording.sid,
            RecordingDuration: `${lastRecording.duration_seconds}`,
          }),
    },
  });
}
