import type { DirectMessage } from '../world/direct-messages.js';
import type { Person } from '../world/people.js';
import type { Post } from '../world/posts.js';
import type { XWorld } from '../world/world.js';
import { usersMap, v1Date, v1Message, v1Post, v1User } from './objects.js';
import type { Hook, HookRegistry } from './registry.js';

type Wire = Record<string, unknown>;

/** What was, or would have been, handed to one webhook: what a replay is made of. */
export interface JournalEntry {
  hookId: string;
  atMs: number;
  kind: string;
  body: string;
}

const JOURNAL_LIMIT = 50_000;
const JOURNAL_REACH_MS = 5 * 86_400_000;

/** Tells the webhooks of what happens, once for each subscribed account that it concerns. */
export class Feed {
  private entries: JournalEntry[] = [];

  constructor(
    private readonly world: XWorld,
    private readonly hooks: HookRegistry,
  ) {}

  posted(post: Post): void {
    const envelope = (accountId: string): Wire => ({
      ...(post.authorId === accountId ? {} : { user_has_blocked: 'false' }),
      tweet_create_events: [v1Post(this.world, post)],
    });
    this.tell('tweet_create_events', [post.authorId, ...post.mentionedIds], envelope);
  }

  deleted(post: Post): void {
    const concerned = this.world.settings.deletes_of_others ? [post.authorId, ...post.mentionedIds] : [post.authorId];
    const event = { status: { id: post.id, user_id: post.authorId }, timestamp_ms: String(this.world.clock.now()) };
    this.tell('tweet_delete_events', concerned, () => ({ tweet_delete_events: [event] }));
  }

  messaged(message: DirectMessage): void {
    const { app } = this.world;
    const two = [message.senderId, message.recipientId];
    this.tell('direct_message_events', two, () => ({
      direct_message_events: [v1Message(this.world, message)],
      ...(message.viaApp ? { apps: { [app.id]: { id: app.id, name: app.name, url: 'https://x.com' } } } : {}),
      users: usersMap(this.world, ...two),
    }));
  }

  typing(from: Person, to: Person): void {
    const event = { ...this.stamp(), sender_id: from.id, target: { recipient_id: to.id } };
    this.tell('direct_message_indicate_typing_events', [to.id], () => ({
      direct_message_indicate_typing_events: [event],
      users: usersMap(this.world, from.id, to.id),
    }));
  }

  read(by: Person, of: Person, lastReadEventId: string): void {
    const event = {
      ...this.stamp(),
      sender_id: by.id,
      target: { recipient_id: of.id },
      last_read_event_id: lastReadEventId,
    };
    this.tell('direct_message_mark_read_events', [of.id], () => ({
      direct_message_mark_read_events: [event],
      users: usersMap(this.world, by.id, of.id),
    }));
  }

  liked(by: Person, post: Post): string {
    const id = this.world.random.hex(32);
    const now = this.world.clock.now();
    const event = {
      id,
      created_at: v1Date(now),
      timestamp_ms: now,
      favorited_status: v1Post(this.world, post),
      user: v1User(by),
    };
    this.tell('favorite_events', [post.authorId, by.id], () => ({ favorite_events: [event] }));
    return id;
  }

  followed(by: Person, whom: Person): void {
    const event = { type: 'follow', ...this.stamp(), target: v1User(whom), source: v1User(by) };
    this.tell('follow_events', [by.id, whom.id], () => ({ follow_events: [event] }));
  }

  /** "Revoke events when a user removes app authorization (subscription auto-deleted)". */
  revoked(account: Person): void {
    const body = JSON.stringify({
      user_event: {
        revoke: {
          date_time: new Date(this.world.clock.now()).toISOString().replace(/\.\d+Z$/, '+00:00'),
          target: { app_id: this.world.app.id },
          source: { user_id: account.id },
        },
      },
    });
    for (const hook of this.hooks.list()) {
      if (!hook.subscriptions.includes(account.id)) continue;
      hook.subscriptions = hook.subscriptions.filter((id) => id !== account.id);
      this.hand(hook, 'user_event', body);
    }
  }

  /** From `fromMs` (included) to `toMs` (excluded), oldest first. */
  journal(hookId: string, fromMs: number, toMs: number): JournalEntry[] {
    return this.entries.filter((entry) => entry.hookId === hookId && entry.atMs >= fromMs && entry.atMs < toMs);
  }

  clear(): void {
    this.entries = [];
  }

  private tell(kind: string, concerned: readonly string[], envelope: (accountId: string) => Wire): void {
    for (const hook of this.hooks.list()) {
      for (const accountId of hook.subscriptions) {
        if (!concerned.includes(accountId)) continue;
        this.hand(hook, kind, JSON.stringify({ for_user_id: accountId, ...envelope(accountId) }));
      }
    }
  }

  /** An invalid webhook gets nothing, but what it missed can be replayed. */
  private hand(hook: Hook, kind: string, body: string): void {
    const now = this.world.clock.now();
    this.entries.push({ hookId: hook.id, atMs: now, kind, body });
    while (this.entries.length > JOURNAL_LIMIT || (this.entries[0]?.atMs ?? now) < now - JOURNAL_REACH_MS) {
      this.entries.shift();
    }
    // Never rejects, and `idle()` waits for it.
    if (hook.valid) void this.hooks.send(hook, kind, body);
  }

  private stamp(): { created_timestamp: string } {
    return { created_timestamp: String(this.world.clock.now()) };
  }
}
