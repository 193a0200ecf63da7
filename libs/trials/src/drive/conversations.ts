import type { Answer, DrivenMessage, Door } from './door.js';
import { words } from './words.js';

export interface ConversationOptions {
  /** Conversations that are going on at the same time. */
  readonly conversations: number;
  /** Messages until a conversation ends and another begins. Default: it never ends. */
  readonly turns?: number;
  /** Told in ids: two runs never share one. */
  readonly run: string;
}

interface Conversation {
  readonly party: number;
  readonly name: string;
  n: number;
  first: string | undefined;
  previous: string | undefined;
}

export interface Turn {
  readonly message: DrivenMessage;
  /**
   * The answer is here. An acknowledged or refused message lets the conversation go on; one that may still arrive ends it, or
   * the next could overtake it.
   */
  done(kind: Answer['kind']): void;
}

/**
 * Who says what next. A conversation waits for its answer before it goes on, so that the order of its messages is known;
 * the next message is that of the conversation that has waited longest.
 */
export class Conversations {
  private readonly idle: Conversation[] = [];
  private readonly waiting: ((turn: Turn) => void)[] = [];
  private begun = 0;
  private alive = 0;
  private sequence = 0;

  constructor(
    private readonly door: Door,
    private readonly options: ConversationOptions,
  ) {}

  /** Of those that are begun first. */
  names(): readonly string[] {
    return Array.from({ length: this.options.conversations }, (_, party) => this.nameOf(party));
  }

  /** Resolves when a conversation is free. */
  next(): Promise<Turn> {
    // All are begun before one goes on: so many customers, so many sockets.
    const free = this.alive < this.options.conversations ? this.begin() : this.idle.shift();
    if (free !== undefined) return Promise.resolve(this.turnOf(free));
    return new Promise((resolve) => this.waiting.push(resolve));
  }

  private begin(): Conversation {
    const party = this.begun;
    this.begun += 1;
    this.alive += 1;
    return { party, name: this.nameOf(party), n: 0, first: undefined, previous: undefined };
  }

  private nameOf(party: number): string {
    return `${this.options.run}-${this.door.name}-${party}`;
  }

  private turnOf(conversation: Conversation): Turn {
    this.sequence += 1;
    const { door, options } = this;
    const id = door.idOf(options.run, this.sequence);
    const { party, name, first, previous } = conversation;
    const n = conversation.n + 1;
    const text = `#${id}# ${words(this.sequence, door.textBytes)}`;
    return {
      message: { id, conversation: name, party, n, first, previous, text },
      done: (kind) => {
        conversation.n = n;
        if (kind === 'acknowledged') {
          conversation.first ??= id;
          conversation.previous = id;
        }
        this.release(conversation, kind === 'unsure');
      },
    };
  }

  private release(conversation: Conversation, broken: boolean): void {
    const over = broken || conversation.n >= (this.options.turns ?? Infinity);
    if (over) {
      this.alive -= 1;
      this.door.forget?.(conversation.name);
    }
    const next = over ? this.begin() : conversation;
    const waiting = this.waiting.shift();
    if (waiting === undefined) this.idle.push(next);
    else waiting(this.turnOf(next));
  }
}
