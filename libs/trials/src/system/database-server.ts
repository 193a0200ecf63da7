import { join } from 'node:path';
import { startEmbeddedPostgres, type EmbeddedPostgres } from '@fanin/embedded-postgres';
import { temporaryFolder } from '@fanin/test-kit';
import { signalFamily } from './processes.js';

/** A PostgreSQL of its own that a trial breaks; its address stays the same through all of that. */
export interface DatabaseServer {
  /** Of a superuser. */
  readonly url: string;
  /** SIGKILL to the postmaster; its backends notice and leave. */
  kill(): Promise<void>;
  /** On the same data and port; resolves when it has recovered. */
  restart(): Promise<void>;
  /** SIGSTOP to the postmaster and every backend; `thaw` continues them. */
  freeze(): void;
  thaw(): void;
  stop(): Promise<void>;
}

/**
 * Commits are handed to the operating system before they are answered, so that a killed server loses none; nothing waits for
 * the disk, which a killed process does not need.
 */
const SETTINGS = { synchronous_commit: 'on', max_connections: '200' };

export async function startDatabaseServer(): Promise<DatabaseServer> {
  const folder = await temporaryFolder('fanin-trial-db-');
  const dataDir = join(folder.path, 'data');
  const launch = (port?: number): Promise<EmbeddedPostgres> =>
    startEmbeddedPostgres({ dataDir, fsync: false, settings: SETTINGS, ...(port === undefined ? {} : { port }) });
  let server = await launch();
  const { url, port } = server;
  const end = (): void => {
    signalFamily(server.pid, 'SIGCONT');
    signalFamily(server.pid, 'SIGQUIT');
  };
  process.once('exit', end);
  return {
    url,
    async kill() {
      process.kill(server.pid, 'SIGKILL');
      await server.stop();
    },
    async restart() {
      server = await launch(port);
    },
    freeze: () => signalFamily(server.pid, 'SIGSTOP'),
    thaw: () => signalFamily(server.pid, 'SIGCONT'),
    async stop() {
      process.removeListener('exit', end);
      end();
      await server.stop();
      await folder.remove();
    },
  };
}
