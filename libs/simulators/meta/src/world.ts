import type { SeededRandom, SimulatorClock } from '@fanin/simulators/core';
import { Ids } from './ids.js';
import type {
  Account,
  Blob,
  GraphCall,
  Person,
  Post,
  SentMessage,
  StoredComment,
  StoredMessage,
  Thread,
} from './model.js';
import { DAY_MS } from './options.js';

const MOST_CALLS = 20_000;

/** People, conversations, comments and files: what happens at Meta. Forgotten on reset. */
export class World {
  readonly ids: Ids;
  readonly people = new Map<string, Person>();
  readonly threads = new Map<string, Thread>();
  readonly messages = new Map<string, StoredMessage>();
  readonly comments = new Map<string, StoredComment>();
  readonly posts = new Map<string, Post>();
  readonly blobs = new Map<string, Blob>();
  readonly sent: SentMessage[] = [];
  readonly calls: GraphCall[] = [];

  constructor(
    random: SeededRandom,
    readonly clock: SimulatorClock,
  ) {
    this.ids = new Ids(random);
  }

  reset(): void {
    for (const store of [this.people, this.threads, this.messages, this.comments, this.posts, this.blobs])
      store.clear();
    this.sent.length = 0;
    this.calls.length = 0;
  }

  now(): number {
    return this.clock.now();
  }

  addCall(call: GraphCall): void {
    this.calls.push(call);
    if (this.calls.length > MOST_CALLS) this.calls.splice(0, this.calls.length - MOST_CALLS);
  }

  person(account: Account, id: string): Person | undefined {
    return this.people.get(`${account.id} ${id}`);
  }

  /** Made on first sight. */
  meet(account: Account, from: { id?: string; name?: string; username?: string; unreachable?: boolean }): Person {
    const byName = from.id === undefined ? this.#named(account, from.name, from.username) : undefined;
    const id = from.id ?? byName?.id ?? this.#newPersonId(account);
    const known = this.person(account, id);
    const username =
      from.username ?? known?.username ?? (account.kind === 'instagram' ? `nora.lind${id.slice(-3)}` : undefined);
    const person: Person = {
      id,
      accountId: account.id,
      name: from.name ?? known?.name ?? 'Nora Lind',
      unreachable: from.unreachable ?? known?.unreachable ?? false,
      ...(username === undefined ? {} : { username }),
    };
    this.people.set(`${account.id} ${id}`, person);
    return person;
  }

  thread(account: Account, person: Person): Thread {
    const key = `${account.id} ${person.id}`;
    const known = this.threads.get(key);
    if (known !== undefined) return known;
    const id = `t_${this.ids.digits(17)}`;
    const thread: Thread = { id, accountId: account.id, personId: person.id, messages: [], updatedAt: 0 };
    this.threads.set(key, thread);
    return thread;
  }

  addMessage(
    account: Account,
    person: Person,
    message: Omit<StoredMessage, 'accountId' | 'personId' | 'edits' | 'deleted'>,
  ) {
    const stored: StoredMessage = { ...message, accountId: account.id, personId: person.id, edits: 0, deleted: false };
    const thread = this.thread(account, person);
    thread.messages.push(stored);
    thread.updatedAt = Math.max(thread.updatedAt, stored.at);
    this.messages.set(stored.id, stored);
    return stored;
  }

  /** The person did what opens the window for replies. */
  opened(account: Account, person: Person, at: number): void {
    const thread = this.thread(account, person);
    thread.openedAt = Math.max(thread.openedAt ?? 0, at);
  }

  newMid(account: Account, personId: string, ours: boolean): string {
    if (account.kind === 'page') return this.ids.messengerMid();
    return account.kind === 'instagram' ? this.ids.instagramMid() : this.ids.wamid(personId, ours);
  }

  post(account: Account, id?: string, more: Partial<Post> = {}): Post {
    const postId = id ?? this.#onlyPost(account, more) ?? this.#newPostId(account);
    const known = this.posts.get(postId);
    const post = known ?? { id: postId, accountId: account.id, text: 'New in the shop', live: false, at: this.now() };
    Object.assign(post, more);
    this.posts.set(postId, post);
    return post;
  }

  addBlob(account: Account, file: { bytes: Buffer; mime: string; filename?: string }, lifeDays: number): Blob {
    const id = this.ids.digits(16).replace(/^0/, '1');
    const blob: Blob = { ...file, id, accountId: account.id, expiresAt: this.now() + lifeDays * DAY_MS };
    this.blobs.set(id, blob);
    return blob;
  }

  #newPersonId(account: Account): string {
    if (account.kind === 'page') return this.ids.psid();
    return account.kind === 'instagram' ? this.ids.igsid() : `1631555${this.ids.digits(4)}`;
  }

  #named(account: Account, name = 'Nora Lind', username?: string): Person | undefined {
    return [...this.people.values()].find(
      (person) =>
        person.accountId === account.id &&
        (username === undefined ? person.name === name : person.username === username),
    );
  }

  /** Comments without a post named gather under one. */
  #onlyPost(account: Account, more: Partial<Post>): string | undefined {
    const wanted = more.live ?? false;
    return [...this.posts.values()].find(
      (post) => post.accountId === account.id && post.live === wanted && post.owner === more.owner,
    )?.id;
  }

  #newPostId(account: Account): string {
    return account.kind === 'page' ? `${account.id}_${this.ids.digits(15)}` : this.ids.igObject();
  }
}
