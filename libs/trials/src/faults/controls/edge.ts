import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Edge {
  readonly url: string;
  close(): Promise<void>;
}

/** An edge in front of another. A hasty one says 200 first and hands over afterwards. */
export async function startEdge(target: URL, isHasty: boolean): Promise<Edge> {
  const server = createServer((incoming, outgoing) => {
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
    incoming.on('end', () => {
      if (isHasty) outgoing.end();
      const headers = { ...incoming.headers, host: target.host };
      const onward = request(new URL(incoming.url ?? '/', target), { method: 'POST', headers }, (answer) => {
        if (isHasty) answer.resume();
        else answer.pipe(outgoing.writeHead(answer.statusCode ?? 502));
      });
      onward.on('error', () => outgoing.destroy());
      onward.end(Buffer.concat(chunks));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
