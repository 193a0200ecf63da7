import { open } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { freePorts } from '@fanin/dev-kafka';
import { temporaryFolder } from '@fanin/test-kit';
import { SMTPServer } from 'smtp-server';
import { startEdgeHost, type Serving, type Surroundings } from './edge-host.js';

/** The least that keeps a mail: smtp-server, the bytes in a file of their own, fsync, then 250. */
export async function startBareSmtp(): Promise<Serving> {
  const folder = await temporaryFolder('fanin-bare-smtp-');
  let files = 0;
  const keep = async (stream: AsyncIterable<Buffer>): Promise<void> => {
    const chunks: Buffer[] = [];
    for await (const chunk of stream) chunks.push(chunk);
    const file = await open(join(folder.path, `${(files += 1)}.eml`), 'w');
    try {
      await file.writeFile(Buffer.concat(chunks));
      await file.sync();
    } finally {
      await file.close();
    }
  };
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['AUTH', 'STARTTLS'],
    disableReverseLookup: true,
    logger: false,
    onData: (stream, _session, callback) => {
      keep(stream).then(
        () => callback(null, '2.0.0 The mail is kept'),
        (error: unknown) => callback(error instanceof Error ? error : new Error(String(error))),
      );
    },
  });
  server.on('error', () => undefined);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.server.address() as AddressInfo).port,
    stop: async () => {
      await new Promise<void>((resolve) => server.close(() => resolve()));
      await folder.remove();
    },
  };
}

/** The e-mail channel in its host, which appends to Kafka before it answers. */
export async function startFaninSmtp(surroundings: Surroundings, recipient: string): Promise<Serving> {
  const { channel } = await import('@fanin/channels/email-smtp');
  const [port = 0] = await freePorts(1);
  const config = { addresses: [recipient] };
  const publicUrl = 'https://shop.example';
  const { stop } = await startEdgeHost(surroundings, { channel, accountId: 'edge', config, publicUrl, smtpPort: port });
  return { port, stop };
}
