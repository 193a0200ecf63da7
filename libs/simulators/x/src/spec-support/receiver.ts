import { createHmac } from 'node:crypto';
import { createServer } from 'node:http';
import type { IncomingHttpHeaders, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Received {
  headers: IncomingHttpHeaders;
  raw: Buffer;
  json: Record<string, unknown>;
}

/** The customer's side of a webhook: answers challenges with `secret`, keeps what comes. */
export interface Receiver {
  url: string;
  secret: string;
  received: Received[];
  challenges: string[];
  /** Takes the place of the usual answer: to challenges (GET) or events (POST). */
  answer: ((method: string, response: ServerResponse) => boolean) | undefined;
  kinds(): string[];
  close(): Promise<void>;
}

export async function startReceiver(secret: string): Promise<Receiver> {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const token = new URL(request.url ?? '/', 'http://receiver').searchParams.get('crc_token');
      const raw = Buffer.concat(chunks);
      if (token !== null) receiver.challenges.push(token);
      else receiver.received.push({ headers: request.headers, raw, json: JSON.parse(raw.toString()) as never });
      if (receiver.answer?.(request.method ?? '', response) === true) return;
      const hash = createHmac('sha256', receiver.secret)
        .update(token ?? '')
        .digest('base64');
      response.end(token === null ? '' : JSON.stringify({ response_token: `sha256=${hash}` }));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const receiver: Receiver = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    secret,
    received: [],
    challenges: [],
    answer: undefined,
    kinds: () => receiver.received.map(({ json }) => Object.keys(json).find((key) => /event|status/.test(key)) ?? '?'),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return receiver;
}
