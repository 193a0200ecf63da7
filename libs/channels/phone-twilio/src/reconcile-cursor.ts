import { FaninError, isoTime } from '@fanin/kernel';

/** All that was sent or began before these moments has been handed over. Epoch milliseconds. */
export interface Cursor {
  readonly messages: number;
  readonly calls: number;
}

export function writeCursor({ messages, calls }: Cursor): string {
  return JSON.stringify({ messages: isoTime(messages), calls: isoTime(calls) });
}

/** CURSOR_LOST for a text that is none of ours. */
export function readCursor(text: string | null, start: number): Cursor {
  if (text === null) return { messages: start, calls: start };
  const lost = new FaninError('CURSOR_LOST', "the position in Twilio's lists cannot be read");
  let value: { messages?: unknown; calls?: unknown };
  try {
    value = JSON.parse(text) as typeof value;
  } catch {
    throw lost;
  }
  const cursor = { messages: Date.parse(String(value.messages)), calls: Date.parse(String(value.calls)) };
  if (Number.isNaN(cursor.messages) || Number.isNaN(cursor.calls)) throw lost;
  return cursor;
}
