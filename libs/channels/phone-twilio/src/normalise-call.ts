import type { Delivery, MessageDraft, Normalised } from '@fanin/connector-kit';
import { callConversation, callerOf, isHidden, partyOf } from './addresses.js';
import { draft, recipient } from './drafts.js';
import type { Fields } from './fields.js';
import { receptionOf, type Kind, type Meta } from './kinds.js';
import { recordingAttachment, recordingSidOf } from './media-refs.js';
import { address } from './normalise-message.js';

/** One call: who, whom, and under which SID its ticket stands. */
export interface CallFacts {
  /** The caller's own leg: all that belongs to it joins its ticket. */
  readonly sid: string;
  readonly from: string;
  readonly to: string;
  readonly name: string | null;
  readonly verified: boolean;
}

export function normaliseCall(kind: Kind, fields: Fields, delivery: Delivery): Normalised {
  const { meta } = delivery;
  switch (kind) {
    case 'call':
      return { messages: firstMessages(factsOf(fields, meta), meta, null, flagsOf(fields)) };
    case 'call_status':
      return callStatus(fields, meta);
    case 'dialed':
      return dialed(fields, meta);
    case 'menu':
      return menu(fields, meta);
    case 'recorded':
      return recorded(fields, meta);
    case 'recording':
      return recording(fields, meta);
    default:
      return transcription(fields, meta);
  }
}

function flagsOf(fields: Fields): string[] {
  return fields.text('ErrorCode') === undefined ? [] : ['fallback_url'];
}

function factsOf(fields: Fields, meta: Meta): CallFacts {
  return {
    sid: fields.optionalSid('ParentCallSid') ?? fields.sid('CallSid'),
    from: meta['from'] ?? address(fields, 'From'),
    to: meta['to'] ?? address(fields, 'To'),
    name: fields.text('CallerName', 255) ?? null,
    // STIR/SHAKEN, full attestation: the carrier knows the caller and that the number is theirs.
    verified: fields.text('StirVerstat', 64) === 'TN-Validation-Passed-A',
  };
}

function ofCall(
  facts: CallFacts,
  given: { readonly id: string; readonly text: string } & Partial<MessageDraft>,
): MessageDraft {
  const { id, ...rest } = given;
  return draft({
    provider_message_id: id,
    conversation_key: callConversation(facts.sid),
    sender: callerOf(facts.from, facts.sid, facts.name),
    sender_verified: facts.verified,
    recipients: [recipient(partyOf(facts.to))],
    provider_fields: { from: facts.from, to: facts.to, call_sid: facts.sid },
    ...rest,
  });
}

/** The message of the call itself, the same from whichever callback it is made, and that it was missed where that is known at once. */
export function firstMessages(
  facts: CallFacts,
  meta: Meta,
  providerTime: string | null,
  flags: readonly string[] = [],
): MessageDraft[] {
  const reception = receptionOf(meta);
  const who = `${callerName(facts)} to ${facts.to}`;
  const said = reception === 'closed' ? `Call outside business hours, from ${who}.` : `Call from ${who}.`;
  const call = ofCall(facts, {
    id: facts.sid,
    text: said,
    provider_time: providerTime,
    flags: ['call', ...(reception === 'closed' ? ['out_of_hours'] : []), ...flags],
  });
  return reception === 'refused' ? [call, missed(facts, 'calls are not taken here', providerTime)] : [call];
}

function callerName({ from }: CallFacts): string {
  return isHidden(from) ? 'an anonymous caller' : from;
}

/** Nobody talked to the caller. One message however often, and by whichever door, it is found out. */
export function missed(facts: CallFacts, why: string, providerTime: string | null): MessageDraft {
  return ofCall(facts, {
    id: `${facts.sid}:missed`,
    text: `Missed call from ${callerName(facts)} to ${facts.to}: ${why}.`,
    provider_time: providerTime,
    flags: ['call', 'missed_call'],
    amends: { provider_message_id: facts.sid, change: 'edited', value: null },
  });
}

const MISSED_STATUSES = new Set(['busy', 'failed', 'no-answer', 'canceled']);

/** The end of the call, or a step on its way. It also makes the call's message, in case the first callback never came. */
function callStatus(fields: Fields, meta: Meta): Normalised {
  const status = fields.text('CallStatus', 32) ?? '';
  const at = fields.time('Timestamp');
  const direction = fields.text('Direction', 32) ?? 'inbound';
  if (direction !== 'inbound')
    return { messages: [], ignored: { rule: 'own_call', evidence: `Direction ${direction.slice(0, 32)}` } };
  if (status !== 'completed' && !MISSED_STATUSES.has(status)) {
    fields.sid('CallSid');
    return { messages: [], ignored: { rule: 'call_progress', evidence: `CallStatus ${status}` } };
  }
  const facts = factsOf(fields, meta);
  const first = firstMessages(facts, meta, null);
  if (status !== 'completed') return { messages: [first[0] as MessageDraft, missed(facts, status, at)] };
  return { messages: [...first, ended(facts, fields.count('CallDuration'), at)] };
}

export function ended(facts: CallFacts, seconds: number | undefined, at: string | null): MessageDraft {
  return ofCall(facts, {
    id: `${facts.sid}:ended`,
    text: seconds === undefined ? 'The call ended.' : `The call ended after ${seconds} seconds.`,
    provider_time: at,
    flags: ['call'],
    amends: {
      provider_message_id: facts.sid,
      change: 'call_ended',
      value: seconds === undefined ? null : `${seconds}`,
    },
  });
}

/** What became of ringing the agents. */
function dialed(fields: Fields, meta: Meta): Normalised {
  const facts = factsOf(fields, meta);
  const status = fields.text('DialCallStatus', 32) ?? 'failed';
  if (status !== 'completed' && status !== 'answered') return { messages: [missed(facts, whyOf(status), null)] };
  const child = fields.optionalSid('DialCallSid') ?? `${facts.sid}:answered`;
  return {
    messages: [answered(facts, { child, agent: undefined, seconds: fields.count('DialCallDuration'), at: null })],
  };
}

function whyOf(status: string): string {
  if (status === 'no-answer') return 'nobody picked up';
  if (status === 'busy') return 'all lines were busy';
  if (status === 'canceled') return 'the caller hung up while it rang';
  return 'nobody could be reached';
}

/** An agent talked to the caller: an answer of ours, given with another tool. */
export function answered(
  facts: CallFacts,
  talk: {
    readonly child: string;
    readonly agent: string | undefined;
    readonly seconds: number | undefined;
    readonly at: string | null;
  },
): MessageDraft {
  return ofCall(facts, {
    id: talk.child,
    author: 'account',
    sender: partyOf(talk.agent ?? facts.to),
    sender_verified: true,
    recipients: [recipient(callerOf(facts.from, facts.sid, facts.name))],
    text:
      talk.seconds === undefined ? 'Answered the call.' : `Answered the call and talked for ${talk.seconds} seconds.`,
    provider_time: talk.at,
    flags: ['call', 'call_answered'],
  });
}

/** The key that the caller pressed. */
function menu(fields: Fields, meta: Meta): Normalised {
  const facts = factsOf(fields, meta);
  const due = meta['callback_due'];
  if (due === undefined)
    return { messages: [], ignored: { rule: 'call_progress', evidence: `Digits ${fields.text('Digits', 16) ?? ''}` } };
  const dueAt = due === '' ? null : due;
  const hidden = isHidden(facts.from);
  return {
    messages: [
      ofCall(facts, {
        id: `${facts.sid}:callback`,
        text: hidden ? 'Asked to be called back, but hides the number.' : `Asked to be called back at ${facts.from}.`,
        flags: ['call', 'callback_requested'],
        task: { kind: 'callback', due_at: dueAt, note: hidden ? null : facts.from.slice(0, 500) },
      }),
    ],
  };
}

/** The caller is done speaking; the file may not be ready yet, the message stands all the same. */
function recorded(fields: Fields, meta: Meta): Normalised {
  const facts = factsOf(fields, meta);
  const sid = fields.optionalSid('RecordingSid') ?? recordingSidOf(fields.text('RecordingUrl', 2000));
  if (sid === undefined) return { messages: [], ignored: { rule: 'call_progress', evidence: 'nothing was recorded' } };
  return { messages: [voicemail(facts, fields.sid('AccountSid'), sid, fields.count('RecordingDuration'), null)] };
}

function recording(fields: Fields, meta: Meta): Normalised {
  const facts = factsOf(fields, meta);
  const status = fields.text('RecordingStatus', 32) ?? 'completed';
  const sid = fields.sid('RecordingSid');
  const at = fields.time('RecordingStartTime');
  if (status === 'completed')
    return { messages: [voicemail(facts, fields.sid('AccountSid'), sid, fields.count('RecordingDuration'), at)] };
  if (status !== 'failed' && status !== 'absent')
    return { messages: [], ignored: { rule: 'call_progress', evidence: `RecordingStatus ${status}` } };
  const why = fields.count('ErrorCode');
  return {
    messages: [
      ofCall(facts, {
        id: `${sid}:${status}`,
        text:
          status === 'absent'
            ? 'The caller left no message: the recording is empty.'
            : `The recording of a message failed${why === undefined ? '' : ` (Twilio ${why})`}.`,
        provider_time: at,
        flags: ['call', `recording_${status}`],
        amends: { provider_message_id: facts.sid, change: `recording_${status}`, value: null },
      }),
    ],
  };
}

export function voicemail(
  facts: CallFacts,
  accountSid: string,
  recordingSid: string,
  seconds: number | undefined,
  at: string | null,
): MessageDraft {
  return ofCall(facts, {
    id: recordingSid,
    text: seconds === undefined ? 'Voicemail.' : `Voicemail of ${seconds} seconds.`,
    attachments: [recordingAttachment(accountSid, recordingSid)],
    provider_time: at,
    flags: ['call', 'voicemail'],
  });
}

/** The words become the text of the voicemail, whichever of the two comes first. */
function transcription(fields: Fields, meta: Meta): Normalised {
  const facts = factsOf(fields, meta);
  return { messages: [transcript(facts, fields.sid('RecordingSid'), transcriptOf(fields))] };
}

function transcriptOf(fields: Fields): string | undefined {
  return fields.text('TranscriptionStatus', 32) === 'completed' ? fields.text('TranscriptionText', 100_000) : undefined;
}

export function transcript(facts: CallFacts, recordingSid: string, text: string | undefined): MessageDraft {
  const change = text === undefined ? 'transcription_failed' : 'transcribed';
  return ofCall(facts, {
    id: `${recordingSid}:${change}`,
    text: text ?? 'Twilio could not write the voicemail down.',
    flags: ['call', change],
    amends: { provider_message_id: recordingSid, change, value: null },
  });
}
