import { WebSocket } from 'ws';

export type AnyFrame = Readonly<Record<string, unknown>>;

/** A socket that says exactly what a test wants it to say. */
export class RawSocket {
  readonly frames: AnyFrame[] = [];
  closed: { readonly code: number; readonly reason: string } | undefined;
  private readonly watchers = new Set<() => void>();

  private constructor(readonly socket: WebSocket) {
    socket.on('message', (data) => {
      this.frames.push(JSON.parse(String(data)) as AnyFrame);
      this.look();
    });
    socket.on('error', () => undefined);
    socket.on('close', (code, reason) => {
      this.closed = { code, reason: reason.toString() };
      this.look();
    });
  }

  /** Resolves with the open socket or the HTTP status of the refusal. */
  static open(
    url: string,
    options: {
      readonly account?: string;
      readonly origin?: string | undefined;
      readonly headers?: Record<string, string>;
    } = {},
  ): Promise<RawSocket | number> {
    const address = `${url.replace('http', 'ws')}/chat/ws?account=${options.account ?? 'shop'}`;
    const origin = 'origin' in options ? options.origin : url;
    const socket = new WebSocket(address, {
      ...(origin === undefined ? {} : { origin }),
      headers: options.headers ?? {},
    });
    return new Promise((resolve, reject) => {
      const raw = new RawSocket(socket);
      socket.once('open', () => resolve(raw));
      socket.once('unexpected-response', (request, response) => {
        response.resume();
        request.destroy();
        resolve(response.statusCode ?? 0);
      });
      socket.once('error', reject);
    });
  }

  /** Opens, says hello and waits for the welcome (or the close). */
  static async hello(
    url: string,
    hello: AnyFrame = {},
    options: Parameters<typeof RawSocket.open>[1] = {},
  ): Promise<RawSocket> {
    const raw = await RawSocket.open(url, options);
    if (typeof raw === 'number') throw new Error(`refused with ${raw}`);
    raw.send({ type: 'hello', v: 1, account_id: options.account ?? 'shop', last_seq: 0, ...hello });
    await raw.until(() => raw.of('live').length > 0 || raw.closed !== undefined);
    return raw;
  }

  send(frame: AnyFrame | string): void {
    this.socket.send(typeof frame === 'string' ? frame : JSON.stringify(frame));
  }

  message(id: string, text = 'hi', more: AnyFrame = {}): void {
    this.send({ type: 'message', client_message_id: id, text, ...more });
  }

  of(type: string): readonly AnyFrame[] {
    return this.frames.filter((frame) => frame['type'] === type);
  }

  /** The answer to a message: its ack or nack. */
  async answer(id: string): Promise<AnyFrame> {
    const find = (): AnyFrame | undefined => this.frames.find((frame) => frame['client_message_id'] === id);
    await this.until(() => find() !== undefined);
    return find() as AnyFrame;
  }

  until(probe: () => boolean, timeoutMs = 5_000): Promise<void> {
    return new Promise((resolve, reject) => {
      const look = (): void => {
        if (!probe()) return;
        clearTimeout(timer);
        this.watchers.delete(look);
        resolve();
      };
      const timer = setTimeout(() => {
        this.watchers.delete(look);
        reject(
          new Error(
            `not within ${timeoutMs} ms; frames: ${JSON.stringify(this.frames)}, closed: ${JSON.stringify(this.closed)}`,
          ),
        );
      }, timeoutMs);
      this.watchers.add(look);
      look();
    });
  }

  private look(): void {
    for (const watcher of [...this.watchers]) watcher();
  }
}
