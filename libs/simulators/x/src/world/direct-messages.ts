import { compareIds } from './ids.js';
import type { Media } from './media.js';

export interface DirectMessage {
  id: string;
  conversationId: string;
  senderId: string;
  recipientId: string;
  text: string;
  createdAtMs: number;
  media: Media[];
  viaApp: boolean;
}

/** "Events from up to 30 days ago are available" (docs.x.com, direct-messages/lookup/integrate). */
const REACH_MS = 30 * 86_400_000;

/** A conversation of two is named after them, the smaller id first. */
export function conversationIdOf(a: string, b: string): string {
  return compareIds(a, b) < 0 ? `${a}-${b}` : `${b}-${a}`;
}

export class DirectMessages {
  private readonly byId = new Map<string, DirectMessage>();

  add(message: DirectMessage): DirectMessage {
    this.byId.set(message.id, message);
    return message;
  }

  find(id: string): DirectMessage | undefined {
    return this.byId.get(id);
  }

  /** What `personId` sent or got and can still list, newest first. */
  of(personId: string, nowMs: number, conversationId?: string): DirectMessage[] {
    return [...this.byId.values()]
      .filter(
        (message) =>
          (message.senderId === personId || message.recipientId === personId) &&
          (conversationId === undefined || message.conversationId === conversationId) &&
          message.createdAtMs >= nowMs - REACH_MS,
      )
      .sort((a, b) => compareIds(b.id, a.id));
  }

  clear(): void {
    this.byId.clear();
  }
}
