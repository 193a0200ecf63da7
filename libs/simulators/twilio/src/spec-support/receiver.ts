import { createServer } from 'node:http';
import type { IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Received {
  path: string;
  url: string;
  headers: IncomingHttpHeaders;
  body: string;
  form: Record<string, string>;
}

export interface Answer {
  status?: number;
  type?: string;
  body?: string;
}

export interface Receiver {
  url: string;
  received: Received[];
  /** What came to one path, oldest first. */
  at(path: string): Received[];
  close(): Promise<void>;
}

/** Our side, as a bare server: keeps what comes and answers as `answer` says (else 204). */
export async function startReceiver(
  answer: (request: Received) => Answer | undefined = () => undefined,
): Promise<Receiver> {
  const received: Received[] = [];
  let base = '';
  const server = createServer((incoming, outgoing) => {
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
    incoming.on('end', () => {
      const body = Buffer.concat(chunks).toString('utf8');
      const url = `${base}${incoming.url}`;
      const request: Received = {
        path: new URL(url).pathname,
        url,
        headers: incoming.headers,
        body,
        form: Object.fromEntries(new URLSearchParams(body)),
      };
      received.push(request);
      const { status = 200, type = 'text/xml', body: text = '' } = answer(request) ?? { status: 204 };
      outgoing.writeHead(status, { 'content-type': type }).end(text);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url: base,
    received,
    at: (path) => received.filter((each) => each.path === path),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
