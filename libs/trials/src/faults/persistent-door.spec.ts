import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { TelegramDoor } from '../drive/doors/telegram.js';
import { NOT_TOLD_WHEN } from '../drive/doors/http-post.js';
import { Histogram } from '../drive/histogram.js';
import { PersistentDoor } from './persistent-door.js';
import { Random } from './random.js';

describe('a sender who is turned away', () => {
  const answers: { readonly status: number; readonly headers?: Record<string, string> }[] = [];
  const server: Server = createServer((request, response) => {
    const { status, headers } = answers.shift() ?? { status: 200 };
    request.resume().once('end', () => response.writeHead(status, headers).end());
  });
  beforeAll(() => new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve)));
  afterAll(() => new Promise((resolve) => server.close(resolve)));

  it('comes again until it is taken in, and remembers each 503 that did not say when', async () => {
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const rude = new Map<string, number>();
    const refusals = new Histogram();
    const door = new PersistentDoor(new TelegramDoor({ kind: 'telegram', account: 'a/bot', url, secret: 's' }), {
      thinkMs: 1,
      repeat: 0,
      random: Random.of(1, 'persistent door'),
      giveUp: new AbortController().signal,
      refusals,
      unanswered: new Histogram(),
      rude,
      open: new Set(),
    });
    answers.push({ status: 503 }, { status: 503, headers: { 'retry-after': '5' } }, { status: 503 }, { status: 429 });
    const id = door.idOf('run', 1);
    const message = { id, conversation: 'c', party: 0, n: 1, first: undefined, previous: undefined, text: `#${id}#` };
    expect(await door.send(message)).toEqual({ kind: 'acknowledged' });
    expect(refusals.count).toBe(4);
    expect([...rude]).toEqual([[NOT_TOLD_WHEN, 2]]);
    await door.close();
  });
});
