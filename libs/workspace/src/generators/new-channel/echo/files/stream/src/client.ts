import { connect } from 'node:net';
import { createInterface } from 'node:readline';
import type { EchoConfig } from './config.js';
import { translate } from './errors.js';

export interface Client {
  /** Connects; calls back with each line, and answers it with what the callback resolves to. Ends with the signal. */
  lines(signal: AbortSignal, connected: () => void, answer: (line: string) => Promise<string>): Promise<void>;
}

export function createClient(config: EchoConfig): Client {
  const { hostname, port } = new URL(config.url);
  return {
    lines: (signal, connected, answer) =>
      new Promise((resolve, reject) => {
        const socket = connect({ host: hostname, port: Number(port) });
        const stop = (): void => void socket.destroy();
        signal.addEventListener('abort', stop, { once: true });
        socket.on('connect', () => {
          socket.write(`hello ${config.token}\n`);
          connected();
        });
        createInterface(socket).on('line', (line) => {
          void answer(line).then((text) => socket.write(`${text}\n`));
        });
        socket.on('error', (error) => reject(translate(error)));
        socket.on('close', () => {
          signal.removeEventListener('abort', stop);
          if (signal.aborted) resolve();
          else reject(translate(Object.assign(new Error('closed'), { code: 'ECONNRESET' })));
        });
      }),
  };
}
