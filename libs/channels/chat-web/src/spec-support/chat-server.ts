import { createServer, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import {
  createTestHost,
  type ChannelHost,
  type ChannelInstance,
  type HttpDoor,
  type TestHost,
} from '@fanin/connector-kit';
import { validateInput } from '@fanin/contracts';
import { createSystemClock, type Clock } from '@fanin/kernel';
import { channel } from '../channel.js';
import { SharedLog, type Replica } from './shared-log.js';

export interface ChatServerOptions {
  readonly config?: Readonly<Record<string, unknown>>;
  readonly log?: SharedLog;
  readonly clock?: Clock;
  /** 0: any free port. */
  readonly port?: number;
}

/** One replica of the channel behind a real HTTP server on loopback. */
export class ChatServer {
  private constructor(
    readonly url: string,
    readonly log: SharedLog,
    readonly host: TestHost,
    readonly instance: ChannelInstance,
    private readonly server: Server,
    private readonly replica: Replica,
    private readonly sockets: ReadonlySet<Socket>,
    private readonly stopping: AbortController,
    private readonly running: Promise<void>,
    private readonly shared: unknown,
  ) {}

  static async start(options: ChatServerOptions = {}): Promise<ChatServer> {
    const clock = options.clock ?? createSystemClock();
    const log = options.log ?? new SharedLog(clock);
    const replica = log.replica();
    const server = createServer();
    const sockets = new Set<Socket>();
    server.on('connection', (socket) => {
      sockets.add(socket);
      socket.on('close', () => sockets.delete(socket));
    });
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(options.port ?? 0, '127.0.0.1', resolve);
    });
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const host = {
      ...createTestHost({ clock, publicUrl: url }),
      conversations: replica as never,
      http: loopbackDoor(server, url) as never,
    };
    const config = validateInput(channel.Config, options.config ?? {});
    if (!config.ok) throw new Error(JSON.stringify(config.problems));
    const shared = await channel.open?.(host as ChannelHost);
    let instance: ChannelInstance;
    try {
      instance = channel.create({ id: 'shop', tenant: 'default', config: config.value }, host, shared);
    } catch (error) {
      await channel.closeShared?.(shared);
      server.close();
      throw error;
    }
    const stopping = new AbortController();
    const running = run(instance, replica, stopping.signal);
    await running.connected;
    return new ChatServer(url, log, host, instance, server, replica, sockets, stopping, running.done, shared);
  }

  get port(): number {
    return Number(new URL(this.url).port);
  }

  /** As SIGKILL does: no close frame, no answer any more, nothing in memory survives. */
  async kill(): Promise<void> {
    this.replica.kill();
    for (const socket of this.sockets) socket.resetAndDestroy();
    await this.stop();
  }

  /** As SIGTERM does. */
  async stop(): Promise<void> {
    this.stopping.abort();
    await this.running;
    await channel.closeShared?.(this.shared);
    await this.instance.close();
    this.server.closeAllConnections();
    await new Promise<void>((resolve) => this.server.close(() => resolve()));
  }
}

function run(
  instance: ChannelInstance,
  replica: Replica,
  signal: AbortSignal,
): { connected: Promise<void>; done: Promise<void> } {
  const { capture } = instance;
  if (capture.shape !== 'stream') throw new Error('not a stream');
  let connected: () => void = () => undefined;
  const isConnected = new Promise<void>((resolve) => (connected = resolve));
  const emitAt = async (): Promise<void> => undefined;
  const done = capture.run({ emit: replica.emit, signal, cursor: null, connected, emitAt });
  return { connected: isConnected, done };
}

function loopbackDoor(server: Server, publicUrl: string): HttpDoor {
  const pathOf = (url: string | undefined): URL => new URL(url ?? '/', publicUrl);
  const gets = new Map<string, Parameters<HttpDoor['onGet']>[1]>();
  server.on('request', (request, response) => {
    const { pathname, searchParams } = pathOf(request.url);
    const handler = gets.get(pathname);
    if (handler === undefined) return void response.writeHead(404).end();
    const headers = Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)]));
    const asked = { path: pathname, query: Object.fromEntries(searchParams), headers, remoteAddress: '127.0.0.1' };
    void handler(asked).then(({ status, headers: answered, body }) => response.writeHead(status, answered).end(body));
  });
  return {
    publicUrl,
    onGet: (path, handler) => void gets.set(path, handler),
    onUpgrade: (path, handler) =>
      void server.on('upgrade', (request, socket, head) => {
        if (pathOf(request.url).pathname === path) handler(request, socket, head);
      }),
  };
}
