import type { DrivenMessage } from '../door.js';
import { digitsOf, HookDoor, type HookSpec, type Signed } from './hook-door.js';

export interface TelegramDoorSpec extends HookSpec {
  readonly kind: 'telegram';
  /** What setWebhook was given. */
  readonly secret: string;
}

const MOST_MESSAGES = 1_000_000;

/** Messages to a bot in private chats, one update in a delivery (core.telegram.org/bots/api#update). */
export class TelegramDoor extends HookDoor<TelegramDoorSpec> {
  readonly name = 'telegram';

  /** Of the message and of the update: a safe integer, the later one is the larger. */
  idOf(run: string, sequence: number): string {
    return String(Number(digitsOf(run, 9)) * MOST_MESSAGES + sequence);
  }

  protected sign({ id, conversation, text }: DrivenMessage): Signed {
    const person = { id: Number(digitsOf(conversation, 10)), first_name: 'Customer', last_name: conversation };
    const message = {
      message_id: Number(id),
      from: { ...person, is_bot: false, language_code: 'en' },
      chat: { ...person, type: 'private' },
      date: Math.floor(Date.now() / 1000),
      text,
    };
    return {
      headers: { 'content-type': 'application/json', 'x-telegram-bot-api-secret-token': this.spec.secret },
      body: Buffer.from(JSON.stringify({ update_id: Number(id), message })),
    };
  }
}
