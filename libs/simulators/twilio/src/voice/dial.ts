import { recordingUrl } from '../links.js';
import { newSid } from '../sids.js';
import type { CallRecord } from '../store.js';
import type { TwimlElement } from '../twiml.js';
import { fetchDocument } from './document.js';
import type { Step } from './document.js';
import { actionOf, note, pass } from './leg.js';
import type { Leg } from './leg.js';
import { newRecording, process } from './record.js';
import type { DialOutcome } from './script.js';

const NOUNS = ['Number', 'Client', 'Sip'];

/**
 * twilio.com/docs/voice/twiml/dial: all targets ring at once, the first to pick up talks. With `action` the call goes on
 * there, without it with the next verb. A caller who hangs up while it rings: DialCallStatus canceled (unconfirmed).
 */
export async function dial(leg: Leg, verb: TwimlElement): Promise<Step> {
  const planned: DialOutcome = (leg.dials.length > 1 ? leg.dials.shift() : leg.dials[0]) ?? 'no-answer';
  const children = targetsOf(verb).map((target) => newChild(leg, verb, target));
  await pass(leg, ringSeconds(planned, Number(verb.attributes['timeout'] ?? '30')));
  const outcome = leg.gone ? 'canceled' : children.length === 0 ? 'failed' : planned;
  const talked = outcome === 'answered' ? Math.floor(await pass(leg, leg.script.talks_seconds ?? 30)) : 0;
  const answered = outcome === 'answered' ? children[0] : undefined;
  for (const child of children) endChild(leg, child, child === answered ? 'completed' : statusOf(outcome), talked);
  note(leg, 'Dial', { targets: children.map((child) => child.to), outcome, talked_seconds: talked });
  const recorded = answered === undefined ? {} : recordTalk(leg, verb, talked);
  const action = actionOf(leg, verb);
  if (action === undefined) return leg.gone ? 'end' : 'next';
  const next = {
    kind: 'voice.dial',
    url: action,
    params: {
      DialCallStatus: outcome === 'answered' ? 'completed' : outcome,
      DialCallSid: (answered ?? children[0])?.sid ?? '',
      DialBridged: `${answered !== undefined}`,
      ...(answered === undefined ? {} : { DialCallDuration: `${talked}` }),
      ...recorded,
    },
  };
  if (!leg.gone) return next;
  leg.call.status = 'completed';
  await fetchDocument(leg, next);
  return 'end';
}

function targetsOf(verb: TwimlElement): string[] {
  const nouns = verb.children.filter((child) => NOUNS.includes(child.name));
  const found = nouns.map((noun) => (noun.name === 'Client' ? `client:${noun.text.trim()}` : noun.text.trim()));
  return found.length > 0 ? found : [verb.text.trim()].filter((text) => text !== '');
}

function ringSeconds(outcome: DialOutcome, timeout: number): number {
  return outcome === 'no-answer' ? timeout : outcome === 'answered' ? Math.min(5, timeout) : 2;
}

/** Those who rang while another one picked up are canceled. */
function statusOf(outcome: DialOutcome | 'canceled'): CallRecord['status'] {
  return outcome === 'answered' ? 'canceled' : outcome;
}

function newChild(leg: Leg, verb: TwimlElement, target: string): CallRecord {
  const now = leg.parts.clock.now();
  const child: CallRecord = {
    ...leg.call,
    sid: newSid(leg.parts.random, 'CA'),
    parent_call_sid: leg.call.sid,
    from: verb.attributes['callerId'] ?? leg.call.from,
    to: target,
    direction: 'outbound-dial',
    status: 'ringing',
    created_ms: now,
    start_ms: now,
    end_ms: null,
    duration_seconds: null,
    events: [],
  };
  leg.parts.store.calls.push(child);
  return child;
}

function endChild(leg: Leg, child: CallRecord, status: CallRecord['status'], talked: number): void {
  child.status = status;
  child.end_ms = leg.parts.clock.now();
  child.duration_seconds = status === 'completed' ? talked : 0;
}

function recordTalk(leg: Leg, verb: TwimlElement, talked: number): Record<string, string> {
  const wanted = verb.attributes['record'] ?? 'do-not-record';
  if (wanted === 'do-not-record' || wanted === 'false' || talked === 0) return {};
  const recording = newRecording(leg, talked, 'DialVerb');
  leg.lastRecording = recording;
  process(leg, verb, recording);
  return {
    RecordingUrl: recordingUrl(leg.parts, recording),
    RecordingSid: recording.sid,
    RecordingDuration: `${talked}`,
  };
}
