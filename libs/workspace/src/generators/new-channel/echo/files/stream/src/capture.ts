import type { StreamCapture } from '@fanin/connector-kit';
import type { Client } from './client.js';

export function createCapture(client: Client): StreamCapture {
  return {
    shape: 'stream',
    exclusive: true,
    run: ({ emit, signal, connected }) =>
      client.lines(signal, connected, (line) =>
        emit([{ body: Buffer.from(line, 'utf8'), contentType: 'application/json', meta: {} }]).then(
          () => 'ack',
          () => 'again',
        ),
      ),
  };
}
