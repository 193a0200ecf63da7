import { FaninError, isoTime } from '@fanin/kernel';
import type { ConversationEntry } from '@fanin/connector-kit';
import type { EventFrame } from './protocol.js';

/** What an entry of the transcript holds beside position, direction and id. */
export interface EntryPayload {
  readonly text: string;
  readonly author: EventFrame['author'];
  /** Set on an entry that came from a conversation joined later: when it was first written, epoch milliseconds. */
  readonly written_at?: number;
}

export function encodeEntry(payload: EntryPayload): string {
  return JSON.stringify(payload);
}

export function decodeEntry(entry: Pick<ConversationEntry, 'payload' | 'seq'>): EntryPayload {
  try {
    return JSON.parse(entry.payload) as EntryPayload;
  } catch (cause) {
    throw new FaninError('BUG', `entry ${entry.seq} of a transcript is not JSON`, { cause });
  }
}

export function eventOf(entry: ConversationEntry): EventFrame {
  const payload = decodeEntry(entry);
  return {
    type: 'event',
    seq: entry.seq,
    direction: entry.direction,
    id: entry.entryId,
    text: payload.text,
    author: payload.author,
    at: isoTime(payload.written_at ?? entry.at),
  };
}
