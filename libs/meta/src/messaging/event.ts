import { FaninError } from '@fanin/kernel';
import { ignored, type Part } from '../wire/collected.js';
import { idAt, needTime, objectAt, textAt, type Json } from '../wire/json.js';
import type { DirectAccount, DirectEvent } from './direct.js';
import { readEdit, readMessage, readPostback, readReaction } from './message.js';
import { readDelivery, readRead } from './receipts.js';

const READERS: Readonly<Record<string, (at: DirectEvent, part: Json) => Part>> = {
  message: readMessage,
  postback: readPostback,
  message_edit: readEdit,
  reaction: readReaction,
  delivery: readDelivery,
  read: readRead,
};

/** Events that say something to the inbox at Meta's and nothing to a ticket; each is its own rule. */
const PASSED_OVER: readonly string[] = [
  'referral',
  'optin',
  'account_linking',
  'pass_thread_control',
  'take_thread_control',
  'request_thread_control',
  'app_roles',
  'policy_enforcement',
  'policy-enforcement',
  'messaging_feedback',
  'game_play',
  'order',
  'typing',
];

/** One event of `entry[].messaging[]`. `entryTime` stands in where an event has no time of its own (reads, deliveries). */
export function readDirectEvent(account: DirectAccount, event: Json, entryTime: unknown): Part {
  const known = Object.keys(READERS).find((name) => objectAt(event, name) !== undefined);
  if (known === undefined) {
    const rule = PASSED_OVER.find((name) => event[name] !== undefined);
    return ignored(rule?.replaceAll('-', '_') ?? 'unknown_field', `messaging: ${fieldsOf(event)}`);
  }
  const part = objectAt(event, known) ?? {};
  return READERS[known]?.(sidesOf(account, event, part, entryTime), part) ?? {};
}

function fieldsOf(event: Json): string {
  return Object.keys(event)
    .filter((name) => !['sender', 'recipient', 'timestamp'].includes(name))
    .join(', ');
}

/** Who wrote to whom. Reports of reading and delivery come from the customer, echoes from ourselves. */
function sidesOf(account: DirectAccount, event: Json, part: Json, entryTime: unknown): DirectEvent {
  const sender = idAt(objectAt(event, 'sender'), 'id');
  const fromUs = sender === account.id || part['is_echo'] === true;
  const customer = fromUs ? idAt(objectAt(event, 'recipient'), 'id') : sender;
  if (customer === account.id) throw new FaninError('BAD_PAYLOAD', 'both sides of the event are the account itself');
  const time = needTime(event['timestamp'], part['watermark'], entryTime);
  return { account, event, customer, fromUs, time };
}

/** Another app holds the thread: its people answer there (handover protocol). README: what is lost and when. */
export function readStandby(event: Json): Part {
  const mid = textAt(objectAt(event, 'message'), 'mid');
  return ignored('standby', mid === undefined ? fieldsOf(event) : `mid ${mid}`);
}

/** Conversations that an entry's events belong to, for the order key; tolerant of everything. */
export function* directConversationsOf(entry: Json, accountId: string): Generator<string> {
  for (const name of ['messaging', 'standby']) {
    const list = entry[name];
    if (!Array.isArray(list)) continue;
    for (const event of list as unknown[]) {
      const sides = ['sender', 'recipient'].map((side) =>
        textAt(objectAt(typeof event === 'object' && event !== null ? (event as Json) : undefined, side), 'id'),
      );
      yield sides.find((id) => id !== undefined && id !== accountId) ?? '';
    }
  }
}
