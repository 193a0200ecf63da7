import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export const TOKEN = '110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw';
export const USER = { id: 70001, is_bot: false, first_name: 'Ada', last_name: 'Example', language_code: 'en' };
export const CHAT = { id: 70001, first_name: 'Ada', last_name: 'Example', type: 'private' };

interface Refusal {
  readonly status: number;
  readonly description: string;
  readonly parameters?: object;
}

interface Webhook {
  readonly url: string;
  readonly secret_token?: string;
}

type Parameters = Readonly<Record<string, unknown>>;

/**
 * A Bot API server on loopback, written from https://core.telegram.org/bots/api and https://core.telegram.org/bots/webhooks:
 * updates wait until an offset confirms them, getUpdates is refused while a webhook is set, files have addresses with the token.
 */
export class BotApiServer {
  readonly sent: { readonly message_id: number; readonly request: Parameters }[] = [];
  readonly calls: string[] = [];
  readonly files = new Map<string, Buffer>();
  webhook: Webhook = { url: '' };
  lastError: { last_error_date?: number; last_error_message?: string } = {};
  isRevoked = false;
  private waiting: { readonly update_id: number }[] = [];
  private nextUpdate = 900_001;
  private nextMessage = 1;
  private readonly refusals = new Map<string, Refusal>();
  private isCutting = false;
  private isHanging = false;
  private readonly server = createServer((request, response) => void this.answer(request, response));

  async start(): Promise<string> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  /** A customer writes; the update waits at Telegram. */
  write(words: string): { readonly update_id: number; readonly message: { readonly message_id: number } } {
    const message = { message_id: this.nextMessage++, from: USER, chat: CHAT, date: 1_795_000_000, text: words };
    const update = { update_id: this.nextUpdate++, message };
    this.waiting.push(update);
    return update;
  }

  /** After a week of silence the next id is random: here a lower one. */
  restartIdsAt(id: number): void {
    this.nextUpdate = id;
  }

  /** The next call of the method is refused. */
  refuse(method: string, refusal: Refusal): void {
    this.refusals.set(method, refusal);
  }

  /** The next sendMessage is carried out and never answered. */
  cutNextSend(): void {
    this.isCutting = true;
  }

  /** From now on files are asked for and never handed out. */
  hangFiles(): void {
    this.isHanging = true;
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
    const [, prefix, token, rest = ''] = /^\/(bot|file\/bot)([^/]+)\/(.*)$/.exec(request.url ?? '') ?? [];
    if (token !== TOKEN || this.isRevoked) return refuse(response, { status: 401, description: 'Unauthorized' });
    if (prefix === 'file/bot') return this.handOut(rest, response);
    const parameters = JSON.parse(Buffer.concat(chunks).toString('utf8') || '{}') as Parameters;
    this.calls.push(rest);
    const refusal = this.refusals.get(rest);
    this.refusals.delete(rest);
    if (refusal !== undefined) return refuse(response, refusal);
    const result = this.carryOut(rest, parameters);
    if (rest === 'sendMessage' && this.isCutting) {
      this.isCutting = false;
      return void request.socket.destroy();
    }
    if (isRefusal(result)) return refuse(response, result);
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ ok: true, result }));
  }

  private carryOut(method: string, parameters: Parameters): unknown {
    switch (method) {
      case 'getMe':
        return { id: 110201543, is_bot: true, first_name: 'Shop', username: 'shop_example_bot' };
      case 'getUpdates':
        return this.updatesFrom(parameters);
      case 'getWebhookInfo':
        return { url: this.webhook.url, pending_update_count: this.waiting.length, ...this.lastError };
      case 'setWebhook':
        this.webhook = parameters as unknown as Webhook;
        return true;
      case 'deleteWebhook':
        this.webhook = { url: '' };
        return true;
      case 'sendMessage':
        return this.take(parameters);
      case 'getFile':
        return this.fileOf(String(parameters['file_id']));
      default:
        return { status: 404, description: 'Not Found' };
    }
  }

  private updatesFrom({ offset = 0, limit = 100 }: Parameters): unknown {
    if (this.webhook.url !== '')
      return {
        status: 409,
        description:
          "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first",
      };
    this.waiting = this.waiting.filter(({ update_id }) => update_id >= Number(offset));
    return this.waiting.slice(0, Number(limit));
  }

  private take(request: Parameters): unknown {
    const message_id = this.nextMessage++;
    this.sent.push({ message_id, request });
    return { message_id, chat: { ...CHAT, id: request['chat_id'] }, date: 1_795_000_001, text: request['text'] };
  }

  private fileOf(id: string): unknown {
    if (!this.files.has(id)) return { status: 400, description: 'Bad Request: invalid file_id' };
    return { file_id: id, file_unique_id: `u${id}`, file_path: `documents/${id}.bin` };
  }

  private handOut(path: string, response: ServerResponse): void {
    if (this.isHanging) return;
    const content = this.files.get(path.replace(/^documents\/|\.bin$/g, ''));
    if (content === undefined) return refuse(response, { status: 404, description: 'Not Found' });
    response.setHeader('content-type', 'application/octet-stream');
    response.end(content);
  }
}

function isRefusal(result: unknown): result is Refusal {
  return typeof result === 'object' && result !== null && 'status' in result && 'description' in result;
}

function refuse(response: ServerResponse, { status, description, parameters }: Refusal): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify({ ok: false, error_code: status, description, ...(parameters && { parameters }) }));
}
