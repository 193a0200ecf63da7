import { createServer } from 'node:net';
import { FaninError } from '@fanin/kernel';

/** Finds out before anything is started: a taken SMTP port would otherwise only show as the state of an account. */
export async function requireFreePort(host: string, port: number, what: string, change: string): Promise<void> {
  if (port === 0) return;
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const why = error.code === 'EADDRINUSE' ? 'is taken' : `may not be used (${error.code ?? error.message})`;
      reject(
        new FaninError(
          'CONFIG',
          `${what} ${port} on ${host} ${why}. Name another (${change}) or stop what listens there.`,
        ),
      );
    });
    server.listen(port, host, () => server.close(() => resolve()));
  });
}
