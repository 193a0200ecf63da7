import type { Delivery, MessageDraft, Normalised } from '@fanin/connector-kit';
import { isHidden } from './addresses.js';
import { answered, ended, factsOf, firstMessages, missed, ofCall, transcript, voicemail } from './call-drafts.js';
import type { Fields } from './fields.js';
import type { Kind, Meta } from './kinds.js';
import { recordingSidOf } from './media-refs.js';

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

/** What became of ringing the agents. */
function dialed(fields: Fields, meta: Meta): Normalised {
  const facts = factsOf(fields, meta);
  const status = fields.text('DialCallStatus', 32) ?? 'failed';
  // The call's message leads, lest a ticket whose first callback is late be named after what the caller may yet mend by a key.
  if (status !== 'completed' && status !== 'answered')
    return { messages: [...firstMessages(facts, meta, null), missed(facts, whyOf(status), null)] };
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

/** The words become the text of the voicemail, whichever of the two comes first. */
function transcription(fields: Fields, meta: Meta): Normalised {
  const facts = factsOf(fields, meta);
  return { messages: [transcript(facts, fields.sid('RecordingSid'), transcriptOf(fields))] };
}

function transcriptOf(fields: Fields): string | undefined {
  return fields.text('TranscriptionStatus', 32) === 'completed' ? fields.text('TranscriptionText', 100_000) : undefined;
}
