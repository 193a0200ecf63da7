import type { Heard } from '../drive/doors/chat-line.js';
import type { Acknowledged, Oracle } from './oracle.js';

/** Of one message: what the system said last, and the earliest acknowledgement, which stands whatever is said later. */
export interface Remembered {
  readonly one: Acknowledged;
  readonly state: 'acknowledged' | 'unsure' | 'refused';
}

/** An oracle that remembers everything it is told. */
export class Recorder implements Oracle {
  private readonly byId = new Map<string, Remembered>();
  refusals = 0;
  /** What visitors were shown in their chats, told at rest. */
  heard: readonly Heard[] = [];

  acknowledged(one: Acknowledged): void {
    if (this.byId.get(one.id)?.state !== 'acknowledged') this.byId.set(one.id, { one, state: 'acknowledged' });
  }

  /** A message that came without an answer may be there, also when a later attempt is refused. */
  unsure(one: Acknowledged): void {
    if (this.byId.get(one.id)?.state !== 'acknowledged') this.byId.set(one.id, { one, state: 'unsure' });
  }

  refused(one: Acknowledged, _how: string): void {
    this.refusals += 1;
    if (!this.byId.has(one.id)) this.byId.set(one.id, { one, state: 'refused' });
  }

  all(): readonly Remembered[] {
    return [...this.byId.values()];
  }

  /** What agents do goes the other way: replies must leave, changes must happen. Who reads hands in nothing. */
  messages(): readonly Remembered[] {
    return this.all().filter(({ one }) => !['replies', 'desk', 'readers'].includes(one.door));
  }

  acknowledgedAt(door: string): readonly Remembered[] {
    return this.all().filter(({ one, state }) => one.door === door && state === 'acknowledged');
  }

  /** Of tickets, by agents, each with a note. */
  changes(): readonly Remembered[] {
    return this.all().filter(({ one }) => one.door === 'desk');
  }

  replies(): readonly Remembered[] {
    return this.all().filter(({ one }) => one.door === 'replies');
  }

  get acknowledgedCount(): number {
    return this.all().filter(({ state }) => state === 'acknowledged').length;
  }
}
