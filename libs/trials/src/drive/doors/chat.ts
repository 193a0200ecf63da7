import { ACKNOWLEDGED, accountIdOf, refused, unsure, type Answer, type Door, type DrivenMessage } from '../door.js';
import { ChatLine, type Heard } from './chat-line.js';

export interface ChatDoorSpec {
  readonly kind: 'chat';
  readonly account: string;
  /** Address of the chat connector or of what stands before it. */
  readonly url: string;
  /** Origin that the handshake names; the address's own when absent. */
  readonly origin?: string;
  /** Keeps what visitors are shown, for `heard` (default false). */
  readonly remembers?: boolean;
}

const OPENERS = 16;
/** Of visitors who left, so many come back to be shown what they missed: each opens a socket. */
const COMING_BACK = 300;

/** One visitor, with one socket, for each conversation. A socket that broke is opened again for the next message. */
export class ChatDoor implements Door {
  readonly name = 'chat';
  readonly account: string;
  readonly textBytes = 120;
  private readonly lines = new Map<string, ChatLine>();
  private readonly gone: ChatLine[] = [];

  constructor(private readonly spec: ChatDoorSpec) {
    this.account = spec.account;
  }

  idOf(run: string, sequence: number): string {
    return `${run}-c${String(sequence).padStart(8, '0')}`;
  }

  async send(message: DrivenMessage): Promise<Answer> {
    const line = this.lineOf(message.conversation);
    try {
      await line.ready();
    } catch (error) {
      return refused(error instanceof Error ? error.message : 'no connection');
    }
    try {
      const nack = await line.send(message.id, message.text);
      return nack === undefined ? ACKNOWLEDGED : refused(nack);
    } catch (error) {
      return unsure(error);
    }
  }

  /** A few at a time, as visitors come. */
  prepare(conversations: readonly string[]): Promise<void> {
    return aFewAtATime(conversations, (name) => this.lineOf(name).ready());
  }

  forget(conversation: string): void {
    const line = this.lines.get(conversation);
    if (line === undefined) return;
    void line.close();
    this.lines.delete(conversation);
    if (this.spec.remembers === true) this.gone.push(line);
  }

  async close(): Promise<void> {
    const open = [...this.lines];
    for (const [conversation] of open) this.forget(conversation);
    await Promise.all(open.map(([, line]) => line.close()));
  }

  /** Of everybody, behind `close`; the last come back and are shown what they missed. */
  async heard(): Promise<readonly Heard[]> {
    const back = new Set<ChatLine>();
    await aFewAtATime(this.gone.slice(-COMING_BACK), async (line) => {
      await line.ready();
      back.add(line);
      await line.close();
    });
    return this.gone.flatMap((line) => line.heard(back.has(line)) ?? []);
  }

  private lineOf(conversation: string): ChatLine {
    const known = this.lines.get(conversation);
    if (known !== undefined) return known;
    const line = new ChatLine({ ...this.spec, account: accountIdOf(this.spec.account) });
    this.lines.set(conversation, line);
    return line;
  }
}

/** What fails is left behind. */
async function aFewAtATime<T>(all: readonly T[], work: (one: T) => Promise<void>): Promise<void> {
  const waiting = [...all];
  const worker = async (): Promise<void> => {
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) await work(next).catch(() => undefined);
  };
  await Promise.all(Array.from({ length: OPENERS }, worker));
}
