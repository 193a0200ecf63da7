import { STATUS_CODES, type IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { opaqueKey } from '@fanin/kernel';
import type { ChannelHost } from '@fanin/connector-kit';
import { createSocketServer, type WebSocket } from './client-ws.js';
import { FeedHub } from './conversation-feed.js';
import { Directory } from './directory.js';
import type { AttachedAccount } from './attached-account.js';
import { CLOSE } from './session-end.js';
import { OpenCounter } from './limits.js';
import { originAllowed } from './origin.js';
import { addressOf } from './peer-address.js';
import { ChatSession } from './session.js';

export const SOCKET_PATH = '/chat/ws';
const TICK_MS = 1_000;

interface Refusal {
  readonly status: number;
  readonly reason: string;
  readonly text: string;
}

/** The sockets of all chat accounts of this process. */
export class ChatDoor {
  readonly hub = new FeedHub();
  readonly directory: Directory;
  private readonly accounts = new Map<string, AttachedAccount>();
  private readonly sessions = new Map<ChatSession, AttachedAccount>();
  private readonly connections = new OpenCounter();
  private readonly server = createSocketServer();
  private readonly unsubscribe: () => void;
  private readonly ticker: NodeJS.Timeout;

  constructor(private readonly host: ChannelHost) {
    this.directory = new Directory(host.conversations);
    this.unsubscribe = host.conversations.onAppend((entry) => {
      const claimed = this.directory.claimedBy(entry.conversationId);
      if (claimed === null) this.hub.publish(entry);
      else this.cutAnonymous(claimed);
    });
    this.ticker = setInterval(() => this.tick(), TICK_MS);
    host.http.onUpgrade(SOCKET_PATH, (request, socket, head) => this.upgrade(request, socket, head));
  }

  attach(account: AttachedAccount): void {
    this.accounts.set(account.id, account);
  }

  /** New sockets are refused from now on; those that are open are asked to come back (to another replica). */
  detach(account: AttachedAccount): void {
    if (this.accounts.get(account.id) === account) this.accounts.delete(account.id);
    for (const [session, owner] of this.sessions) {
      if (owner === account) session.end(CLOSE.restart, 'the server restarts; resume from your position');
    }
  }

  /** The account that the demo shop shows: the one asked for, else the first; only those that take pages of our own. */
  demoAccount(wanted: string | undefined): string | undefined {
    for (const account of this.accounts.values()) {
      if (account.config.allowed_origins.includes('self') && (wanted === undefined || wanted === account.id))
        return account.id;
    }
    return undefined;
  }

  async close(): Promise<void> {
    clearInterval(this.ticker);
    this.unsubscribe();
    for (const account of [...this.accounts.values()]) this.detach(account);
    await new Promise<void>((resolve) => {
      const cut = setTimeout(() => this.server.clients.forEach((socket) => socket.terminate()), 1_000);
      this.server.close(() => {
        clearTimeout(cut);
        resolve();
      });
    });
  }

  private tick(): void {
    for (const session of this.sessions.keys()) session.tick();
    this.host.metrics.gauge('fanin_chat_sockets', {}, this.sessions.size);
  }

  private upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const accountId = new URL(request.url ?? '/', 'http://door').searchParams.get('account') ?? '';
    const account = this.accounts.get(accountId);
    const address = addressOf(request, account?.config.trusted_proxy_hops ?? 0);
    const refusal = this.refusalOf(request, account, address);
    if (refusal !== null || account === undefined) return this.refuse(socket, refusal ?? UNKNOWN_ACCOUNT);
    socket.once('close', () => this.connections.leave(address));
    this.server.handleUpgrade(request, socket, head, (ws) => this.admit(ws, account, address));
  }

  private refusalOf(request: IncomingMessage, account: AttachedAccount | undefined, address: string): Refusal | null {
    if (account === undefined) return UNKNOWN_ACCOUNT;
    if (!originAllowed(request.headers.origin, account.config.allowed_origins, this.host.http.publicUrl)) {
      return {
        status: 403,
        reason: 'origin',
        text: 'This page may not open the chat: add its origin to allowed_origins.',
      };
    }
    if (!this.connections.enter(address, account.config.connections_per_ip)) {
      return { status: 429, reason: 'connections', text: 'Too many open chats from this address.' };
    }
    return null;
  }

  private refuse(socket: Duplex, { status, reason, text }: Refusal): void {
    this.host.metrics.count('fanin_chat_refusals_total', { reason });
    socket.on('error', () => undefined);
    const head = `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\nConnection: close\r\nContent-Type: text/plain; charset=utf-8`;
    socket.end(`${head}\r\nContent-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`);
  }

  private admit(ws: WebSocket, account: AttachedAccount, address: string): void {
    const logger = this.host.logger.child({ account_id: account.id, peer: opaqueKey('peer', address) });
    const session = new ChatSession(ws, account.sessionDeps(address, logger));
    this.sessions.set(session, account);
    ws.on('close', () => this.sessions.delete(session));
    // The account may have stopped between the handshake and now.
    if (this.accounts.get(account.id) !== account) session.end(CLOSE.restart, 'the server restarts');
  }

  private cutAnonymous(conversationId: string): void {
    for (const session of this.sessions.keys()) {
      if (session.visitor?.conversationId === conversationId && !session.visitor.verified) {
        session.end(CLOSE.moved, 'this conversation belongs to a signed-in visitor now');
      }
    }
  }
}

const UNKNOWN_ACCOUNT: Refusal = {
  status: 404,
  reason: 'account',
  text: 'There is no such chat account here. Connect to /chat/ws?account=ACCOUNT_ID.',
};
