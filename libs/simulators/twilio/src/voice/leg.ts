import type { TwilioAccount } from '../config.js';
import { API_VERSION } from '../parts.js';
import type { TwilioParts } from '../parts.js';
import type { CallRecord, RecordingRecord } from '../store.js';
import type { TwimlElement } from '../twiml.js';
import type { CallScript, DialOutcome } from './script.js';

/** A call being played, seen from the person whose side the script tells. */
export interface Leg {
  parts: TwilioParts;
  account: TwilioAccount;
  call: CallRecord;
  script: CallScript;
  /** The address that the current document came from: what relative addresses, and verbs without action, mean. */
  documentUrl: string;
  fallbackUrl: string | undefined;
  documents: number;
  /** Seconds since the call was answered. */
  elapsed: number;
  hangsUpAt: number;
  /** The person hung up: no further verb is played. */
  gone: boolean;
  digits: string[];
  dials: DialOutcome[];
  lastRecording?: RecordingRecord;
}

export function newLeg(
  parts: TwilioParts,
  account: TwilioAccount,
  call: CallRecord,
  script: CallScript,
  fallbackUrl?: string,
): Leg {
  const dial = script.dial ?? 'no-answer';
  return {
    parts,
    account,
    call,
    script,
    documentUrl: '',
    fallbackUrl,
    documents: 0,
    elapsed: 0,
    hangsUpAt: script.hangs_up_at_seconds ?? Infinity,
    gone: false,
    digits: [...(script.digits ?? [])],
    dials: typeof dial === 'string' ? [dial] : [...dial],
  };
}

/** Lets time pass in the call. Answers how much did before the person hung up. */
export async function pass(leg: Leg, seconds: number): Promise<number> {
  const taken = Math.max(0, Math.min(seconds, leg.hangsUpAt - leg.elapsed));
  leg.elapsed += taken;
  if (leg.elapsed >= leg.hangsUpAt) leg.gone = true;
  const pauseMs = taken * 1000 * leg.parts.settings.call_pace;
  if (pauseMs > 0) await leg.parts.clock.sleep(pauseMs, leg.parts.signal);
  if (leg.parts.signal.aborted) leg.gone = true;
  return taken;
}

export function note(leg: Leg, verb: string, details: Record<string, unknown> = {}): void {
  leg.call.events.push({ verb, at_seconds: leg.elapsed, ...details });
}

/** A verb begins: the person may have planned to hang up in it. */
export function enter(leg: Leg, verb: string): void {
  if (leg.script.hangs_up_during === verb) leg.hangsUpAt = Math.min(leg.hangsUpAt, leg.elapsed + 1);
}

/** The fields of every voice webhook (twilio.com/docs/voice/twiml#request-parameters). */
export function voiceParams(leg: Leg): Record<string, string> {
  const { call, script } = leg;
  return {
    CallSid: call.sid,
    AccountSid: call.account_sid,
    From: call.from,
    To: call.to,
    Caller: call.from,
    Called: call.to,
    CallStatus: call.status,
    ApiVersion: API_VERSION,
    Direction: call.direction,
    FromCity: '',
    FromState: 'DC',
    FromZip: '',
    FromCountry: 'US',
    ToCity: '',
    ToState: 'DC',
    ToZip: '',
    ToCountry: 'US',
    ...(call.parent_call_sid === null ? {} : { ParentCallSid: call.parent_call_sid }),
    ...(script.caller_name === undefined ? {} : { CallerName: script.caller_name }),
    ...(script.forwarded_from === undefined ? {} : { ForwardedFrom: script.forwarded_from }),
    ...(script.stir_verstat === undefined ? {} : { StirVerstat: script.stir_verstat }),
  };
}

/** An address of a document, made whole against the one that the document came from. */
export const resolveUrl = (leg: Leg, address: string): string => new URL(address, leg.documentUrl).toString();

export function actionOf(leg: Leg, verb: TwimlElement): string | undefined {
  const action = verb.attributes['action'];
  return action === undefined || action === '' ? undefined : resolveUrl(leg, action);
}
