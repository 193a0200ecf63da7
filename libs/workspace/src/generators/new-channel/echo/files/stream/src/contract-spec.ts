import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { channelContract } from '@fanin/connector-kit';
import { EchoAnswer, translate } from './errors.js';
import { channel } from './index.js';

let peer: Socket | undefined;
let answered: (text: string) => void = () => undefined;
const echo = createServer((socket) => {
  peer = socket;
  createInterface(socket).on('line', (line) => {
    if (!line.startsWith('hello ')) answered(line);
  });
});

channelContract({
  channel,
  source: import.meta.dirname,
  config: async () => {
    echo.listen(0, '127.0.0.1');
    await once(echo, 'listening');
    const { port } = echo.address() as AddressInfo;
    return { url: `http://127.0.0.1:${port}`, token: 'a-token-of-the-tests-only' };
  },
  errors: {
    translate,
    cases: [
      { what: 'refused token (401)', error: new EchoAnswer(401), code: 'AUTH' },
      { what: 'connection refused', error: { code: 'ECONNREFUSED' }, code: 'TRANSIENT' },
    ],
  },
  stream: {
    offer: async () => {
      if (peer === undefined) await once(echo, 'connection');
      const answer = new Promise<string>((resolve) => (answered = resolve));
      peer?.write('{"id":"m-1"}\n');
      return (await answer) === 'ack' ? 'acknowledged' : 'refused';
    },
  },
  close: async () => {
    peer?.destroy();
    await new Promise((resolve) => echo.close(resolve));
  },
});
