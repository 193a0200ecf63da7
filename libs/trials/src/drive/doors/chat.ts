import { setTimeout as sleep } from 'node:timers/promises';
import { ACKNOWLEDGED, accountIdOf, refused, unsure, type Answer, type Door, type DrivenMessage } from '../door.js';
import { ChatLine, type Back, type Heard } from './chat-line.js';

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
const COMES_BACK_WITHIN_MS = 20_000;
const ATTEMPTS_TO_COME_BACK = 3;

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
    const back = new Map<ChatLine, Back>();
    await aFewAtATime(this.gone.slice(-COMING_BACK), async (line) => {
      back.set(line, await comeBack(line));
      await line.close();
    });
    return this.gone.flatMap((line) => line.heard(back.get(line) ?? 'not asked') ?? []);
  }

  private lineOf(conversation: string): ChatLine {
    const known = this.lines.get(conversation);
    if (known !== undefined) return known;
    const line = new ChatLine({ ...this.spec, account: accountIdOf(this.spec.account) });
    this.lines.set(conversation, line);
    return line;
  }
}

/** Never rejects. A door that is busy with others may send a visitor away once or twice. */
async function comeBack(line: ChatLine): Promise<Back> {
  for (let attempt = 1; ; attempt += 1) {
    const late = sleep(COMES_BACK_WITHIN_MS).then((): Back => ({ failed: 'nothing came' }));
    const came = line.ready().then(
      (): Back => 'caught up',
      (error: unknown): Back => ({ failed: error instanceof Error ? error.message : String(error) }),
    );
    const back = await Promise.race([came, late]);
    if (back === 'caught up' || attempt === ATTEMPTS_TO_COME_BACK) return back;
    await sleep(1_000);
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
