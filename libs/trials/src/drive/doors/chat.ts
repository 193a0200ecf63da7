import { ACKNOWLEDGED, accountIdOf, refused, unsure, type Answer, type Door, type DrivenMessage } from '../door.js';
import { ChatLine } from './chat-line.js';

export interface ChatDoorSpec {
  readonly kind: 'chat';
  readonly account: string;
  /** Address of the chat connector or of what stands before it. */
  readonly url: string;
  /** Origin that the handshake names; the address's own when absent. */
  readonly origin?: string;
}

const OPENERS = 16;

/** One visitor, with one socket, for each conversation. A socket that broke is opened again for the next message. */
export class ChatDoor implements Door {
  readonly name = 'chat';
  readonly account: string;
  readonly textBytes = 120;
  private readonly lines = new Map<string, ChatLine>();

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
  async prepare(conversations: readonly string[]): Promise<void> {
    const waiting = [...conversations];
    const opener = async (): Promise<void> => {
      for (let next = waiting.pop(); next !== undefined; next = waiting.pop())
        await this.lineOf(next)
          .ready()
          .catch(() => undefined);
    };
    await Promise.all(Array.from({ length: OPENERS }, opener));
  }

  forget(conversation: string): void {
    void this.lines.get(conversation)?.close();
    this.lines.delete(conversation);
  }

  async close(): Promise<void> {
    await Promise.all([...this.lines.values()].map((line) => line.close()));
    this.lines.clear();
  }

  private lineOf(conversation: string): ChatLine {
    const known = this.lines.get(conversation);
    if (known !== undefined) return known;
    const line = new ChatLine({ ...this.spec, account: accountIdOf(this.spec.account) });
    this.lines.set(conversation, line);
    return line;
  }
}
