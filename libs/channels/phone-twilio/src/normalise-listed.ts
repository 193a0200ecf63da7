import type { Delivery, MessageDraft, Normalised } from '@fanin/connector-kit';
import { FaninError } from '@fanin/kernel';
import { fieldsOfResource, objectOf, readJson, type Fields } from './fields.js';
import type { Kind } from './kinds.js';
import { attachmentOf, mediaRef } from './media-refs.js';
import { answered, ended, firstMessages, missed, transcript, voicemail, type CallFacts } from './call-drafts.js';
import { address, incoming } from './normalise-message.js';
import { isWorthTelling, receiptOf } from './normalise-status.js';

type Resource = Readonly<Record<string, unknown>>;

/** What reconcile found in Twilio's lists; the ids are those that the webhooks give. */
export function normaliseListed(kind: Kind, delivery: Delivery): Normalised {
  const found = readJson(delivery.body);
  return kind === 'listed_message' ? listedMessage(found, delivery) : listedCall(found, delivery);
}

function resource(found: Resource, name: string): Resource {
  const value = objectOf(found[name]);
  if (value === undefined) throw new FaninError('BAD_PAYLOAD', `${name} is missing`);
  return value;
}

function resources(value: unknown): Resource[] {
  return Array.isArray(value) ? value.map(objectOf).filter((each) => each !== undefined) : [];
}

function listedMessage(found: Resource, delivery: Delivery): Normalised {
  const fields = fieldsOfResource(resource(found, 'message'));
  const sid = fields.sid('sid');
  const direction = fields.text('direction', 32) ?? '';
  if (direction !== 'inbound') return ownMessage(sid, direction, fields, delivery);
  return incoming(
    {
      sid,
      from: address(fields, 'from'),
      to: address(fields, 'to'),
      body: (fields.text('body', 100_000) ?? '').replace(/\r\n?/g, '\n'),
      name: null,
      attachments: resources(found['media']).map((media, index) => {
        const file = fieldsOfResource(media);
        const url = mediaRef(fields.sid('account_sid'), sid, file.sid('sid'));
        return attachmentOf(url, file.text('content_type', 255), index);
      }),
      providerTime: fields.time('date_sent') ?? fields.time('date_created'),
      repliedTo: undefined,
      optOutType: undefined,
      flags: ['backfilled'],
      kept: fields.pick({ messaging_service_sid: 'messaging_service_sid', num_segments: 'num_segments' }),
    },
    delivery.receivedAt,
  );
}

/** A message of ours as it stands on the list: the news that a callback would have brought. */
function ownMessage(sid: string, direction: string, fields: Fields, delivery: Delivery): Normalised {
  const said = (fields.text('status', 32) ?? '').toLowerCase();
  const receipt = receiptOf(said, {
    outbound_id: null,
    provider_message_id: sid,
    errorCode: fields.count('error_code'),
    at: fields.time('date_updated') ?? delivery.receivedAt,
  });
  if (receipt !== undefined && direction.startsWith('outbound') && isWorthTelling(said))
    return { messages: [], receipts: [receipt] };
  const evidence = `direction ${direction || '(none)'}, status ${said || '(none)'}`;
  return { messages: [], ignored: { rule: 'own_echo', evidence } };
}

/** A call that is over, with the calls to agents and the recordings that belong to it. */
function listedCall(found: Resource, delivery: Delivery): Normalised {
  const call = fieldsOfResource(resource(found, 'call'));
  const facts = factsOf(call);
  const direction = call.text('direction', 32) ?? '';
  if (direction !== 'inbound')
    return { messages: [], ignored: { rule: 'own_call', evidence: `direction ${direction || '(none)'}` } };
  const startedAt = call.time('start_time') ?? call.time('date_created');
  const endedAt = call.time('end_time');
  const first = firstMessages(facts, { ...delivery.meta, reception: receptionWithout(delivery) }, startedAt, [
    'backfilled',
  ]);
  const why = delivery.meta['reception'] === 'closed' ? 'outside business hours' : 'nobody talked to the caller';
  const talks = resources(found['children']).map(fieldsOfResource).filter(wasAnswered);
  return {
    messages: [
      ...first,
      ...(talks.length > 0 ? talks.map((child) => talkOf(facts, child)) : [missed(facts, why, endedAt)]),
      ...resources(found['recordings']).flatMap((each) => recordingOf(facts, each)),
      ...(call.text('status', 32) === 'completed' ? [ended(facts, call.count('duration'), endedAt)] : []),
    ],
  };
}

/** `refused` would say missed twice. */
function receptionWithout({ meta }: Delivery): string {
  const reception = meta['reception'] ?? 'staffed';
  return reception === 'refused' ? 'staffed' : reception;
}

function factsOf(call: Fields): CallFacts {
  return {
    sid: call.sid('sid'),
    from: address(call, 'from'),
    to: address(call, 'to'),
    name: call.text('caller_name', 255) ?? null,
    verified: false,
  };
}

function wasAnswered(child: Fields): boolean {
  return child.text('status', 32) === 'completed' && child.optionalSid('sid') !== undefined;
}

function talkOf(facts: CallFacts, child: Fields): MessageDraft {
  return answered(facts, {
    child: child.sid('sid'),
    agent: child.text('to', 300),
    seconds: child.count('duration'),
    at: child.time('start_time'),
  });
}

function recordingOf(facts: CallFacts, found: Resource): MessageDraft[] {
  const recording = fieldsOfResource(found);
  const sid = recording.optionalSid('sid');
  const accountSid = recording.optionalSid('account_sid');
  if (sid === undefined || accountSid === undefined || recording.text('status', 32) !== 'completed') return [];
  const words = resources(found['transcriptions'])
    .map(fieldsOfResource)
    .find((each) => each.text('status', 32) === 'completed')
    ?.text('transcription_text', 100_000);
  const message = voicemail(facts, accountSid, sid, recording.count('duration'), recording.time('start_time'));
  return [message, ...(words === undefined ? [] : [transcript(facts, sid, words)])];
}
