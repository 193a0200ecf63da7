import type { MessageDraft } from '@fanin/connector-kit';
import { callConversation, callerOf, isHidden, partyOf } from './addresses.js';
import { draft, recipient } from './drafts.js';
import type { Fields } from './fields.js';
import { receptionOf, type Meta } from './kinds.js';
import { recordingAttachment } from './media-refs.js';
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

export function factsOf(fields: Fields, meta: Meta): CallFacts {
  return {
    sid: fields.optionalSid('ParentCallSid') ?? fields.sid('CallSid'),
    from: meta['from'] ?? address(fields, 'From'),
    to: meta['to'] ?? address(fields, 'To'),
    name: fields.text('CallerName', 255) ?? null,
    // STIR/SHAKEN, full attestation: the carrier knows the caller and that the number is theirs.
    verified: fields.text('StirVerstat', 64) === 'TN-Validation-Passed-A',
  };
}

/** A draft of this call: its conversation, its caller, its numbers. */
export function ofCall(
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

/**
 * Nobody talked to the caller. A message beside the call's own, as the caller changed nothing of that one; a single one
 * however often, and by whichever door, it is found out.
 */
export function missed(facts: CallFacts, why: string, providerTime: string | null): MessageDraft {
  return ofCall(facts, {
    id: `${facts.sid}:missed`,
    text: `Missed call from ${callerName(facts)} to ${facts.to}: ${why}.`,
    provider_time: providerTime,
    flags: ['call', 'missed_call'],
  });
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

export function transcript(facts: CallFacts, recordingSid: string, text: string | undefined): MessageDraft {
  const change = text === undefined ? 'transcription_failed' : 'transcribed';
  return ofCall(facts, {
    id: `${recordingSid}:${change}`,
    text: text ?? 'Twilio could not write the voicemail down.',
    flags: ['call', change],
    amends: { provider_message_id: recordingSid, change, value: null },
  });
}
