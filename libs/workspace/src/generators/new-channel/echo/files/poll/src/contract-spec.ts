import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { channelContract } from '@fanin/connector-kit';
import { EchoAnswer, translate } from './errors.js';
import { channel } from './index.js';

let hangs = false;
let messages: { at: number; body: string }[] = [];
const echo = createServer((request, response) => {
  const after = Number(new URL(request.url ?? '/', 'http://echo').searchParams.get('after'));
  if (!hangs) response.end(JSON.stringify(messages.filter(({ at }) => at > after).slice(0, 2)));
});

channelContract({
  channel,
  source: import.meta.dirname,
  config: async () => {
    await new Promise<void>((resolve) => echo.listen(0, '127.0.0.1', resolve));
    const { port } = echo.address() as AddressInfo;
    return { url: `http://127.0.0.1:${port}`, token: 'a-token-of-the-tests-only' };
  },
  errors: {
    translate,
    cases: [
      { what: 'refused token (401)', error: new EchoAnswer(401), code: 'AUTH' },
      { what: 'fault of the echo (503)', error: new EchoAnswer(503), code: 'TRANSIENT' },
    ],
  },
  poll: {
    fill: async () => {
      messages = [1, 2, 3].map((at) => ({ at, body: `{"id":"m-${at}"}` }));
    },
    hang: async () => {
      hangs = true;
    },
  },
  close: async () => {
    echo.closeAllConnections();
    await new Promise((resolve) => echo.close(resolve));
  },
});
