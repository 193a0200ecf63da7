import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { CapturedDelivery, ChannelInstance, Normalised, WebhookRequest } from '@fanin/connector-kit';

/** What reached the log of one account. */
export interface StoredDelivery {
  readonly accountId: string;
  readonly delivery: CapturedDelivery;
}

/** An HTTP server before webhook channels, with a log in memory: what the host is to them, for tests. */
export class WebhookDoor {
  readonly stored: StoredDelivery[] = [];
  /** Set to have the log refuse: the door then answers 503. */
  down = false;
  private readonly instances = new Map<string, ChannelInstance>();

  private constructor(private readonly server: Server) {}

  static async open(): Promise<WebhookDoor> {
    const server = createServer();
    const door = new WebhookDoor(server);
    server.on('request', (request, response) => void door.answer(request, response));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return door;
  }

  add(accountId: string, instance: ChannelInstance): void {
    this.instances.set(accountId, instance);
  }

  urlOf(accountId: string): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/hooks/${accountId}`;
  }

  /** What all deliveries of an account became, in the order of the log. */
  async normalised(accountId: string): Promise<readonly Normalised[]> {
    const own = this.stored.filter((each) => each.accountId === accountId);
    return Promise.all(
      own.map(({ delivery }, index) =>
        (this.instances.get(accountId) as ChannelInstance).normalise({
          ...delivery,
          deliveryId: `delivery-${index}`,
          tenant: `tenant-of-${accountId}`,
          accountId,
          receivedAt: '2026-11-21T08:15:30.120Z',
        }),
      ),
    );
  }

  close(): Promise<void> {
    this.server.closeAllConnections();
    return new Promise((resolve) => this.server.close(() => resolve()));
  }

  private async answer(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const request = await readRequest(incoming);
    const accountId = request.url.split('/hooks/')[1]?.split('?')[0] ?? '';
    const capture = this.instances.get(accountId)?.capture;
    if (capture?.shape !== 'webhook') return void response.writeHead(404).end();
    const verdict = capture.verify(request);
    if (!verdict.ok) return void response.writeHead(verdict.status).end();
    try {
      const answer = await capture.receive(request, (deliveries) => this.emit(accountId, deliveries));
      response.writeHead(answer.status, answer.headers).end(answer.body);
    } catch {
      response.writeHead(503, { 'retry-after': '1' }).end();
    }
  }

  private emit(receiver: string, deliveries: readonly CapturedDelivery[]): Promise<readonly string[]> {
    if (this.down) return Promise.reject(new Error('the log cannot be reached'));
    for (const delivery of deliveries) this.stored.push({ accountId: delivery.accountId ?? receiver, delivery });
    return Promise.resolve(deliveries.map((_, index) => `id-${this.stored.length}-${index}`));
  }
}

async function readRequest(incoming: IncomingMessage): Promise<WebhookRequest> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming as AsyncIterable<Buffer>) chunks.push(chunk);
  const url = `http://${incoming.headers.host ?? ''}${incoming.url ?? '/'}`;
  const headers = Object.entries(incoming.headers).map(([name, value]) => [name, String(value)]);
  return {
    method: incoming.method ?? 'GET',
    url,
    path: '/',
    query: Object.fromEntries(new URL(url).searchParams),
    headers: Object.fromEntries(headers) as Record<string, string>,
    body: Buffer.concat(chunks),
  };
}
