import { createServer } from 'node:http';
import type { IncomingMessage, Server } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { AddressInfo } from 'node:net';
import { jsonReply, Router, selfSignedFor, startSimulator, textReply } from './index.js';
import type { SimulatorBase, SimulatorOptions, Vendor, WebhookDispatcher, WebhookJob } from './index.js';

interface Toy extends Vendor {
  webhooks: WebhookDispatcher;
  done: string[];
}

const open: { close(): Promise<void> }[] = [];

async function startToy(options: SimulatorOptions = {}): Promise<{ base: SimulatorBase; vendor: Toy }> {
  const started = await startSimulator<Toy>(options, ({ webhooks }) => {
    const done: string[] = [];
    const router = new Router()
      .on('POST', '/things/:name.json', ({ params }) => {
        done.push(params['name'] ?? '');
        return jsonReply(201, { name: params['name'] });
      })
      .on('GET', '/media/*', ({ params }) => textReply(200, `file ${params['rest']}`.repeat(10)));
    return {
      webhooks,
      done,
      site: {
        router,
        placeOf: (request) => (request.path.startsWith('/media/') ? 'media' : 'api'),
        refuse: (status) => jsonReply(status, { code: status }),
        unknown: () => jsonReply(404, { code: 404 }),
      },
      control: {
        about: () => ({ vendor: 'toy' }),
        inbound: (body) => ({ got: body['text'] }),
        sent: () => done,
        configure: () => ({}),
        reset: () => done.splice(0),
      },
    };
  });
  open.push(started.base);
  return started;
}

interface Receiver {
  url: string;
  bodies: string[];
  statuses: number[];
  close(): Promise<void>;
}

/** Answers with `statuses`, one after another, then 200. */
async function startReceiver(statuses: number[] = []): Promise<Receiver> {
  const bodies: string[] = [];
  const server: Server = createServer((request: IncomingMessage, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      bodies.push(body);
      response.writeHead(statuses.shift() ?? 200).end('ok');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const receiver: Receiver = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`,
    bodies,
    statuses,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  open.push(receiver);
  return receiver;
}

function job(url: string, body: string, more: Partial<WebhookJob> = {}): WebhookJob {
  return {
    kind: 'toy',
    call: (attempt) => ({ url, method: 'POST', headers: { 'x-attempt': `${attempt}` }, body: Buffer.from(body) }),
    waitsMs: [],
    retry: () => true,
    connectTimeoutMs: 2000,
    timeoutMs: 2000,
    ...more,
  };
}

const post = (url: string, body: unknown = {}) =>
  fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });

afterEach(async () => {
  for (const each of open.splice(0)) await each.close();
});

describe('a simulated vendor', () => {
  it('answers by route, and says so in its own words when there is none', async () => {
    const { base } = await startToy();
    const made = await post(`${base.url}/things/a%20b.json?x=1`);
    expect([made.status, await made.json()]).toEqual([201, { name: 'a b' }]);
    expect((await post(`${base.url}/nothing`)).status).toBe(404);
  });

  it('speaks HTTPS to a client that trusts its authority', async () => {
    const tls = await selfSignedFor(['api.vendor.example']);
    const { base } = await startToy({ tls });
    const status = await new Promise<number | undefined>((resolve, reject) => {
      const call = httpsRequest(
        `${base.url}/things/a.json`,
        { method: 'POST', ca: tls.ca, servername: 'api.vendor.example', agent: false },
        (answer) => resolve(answer.resume().statusCode),
      );
      call.on('error', reject).end();
    });
    expect(base.url).toMatch(/^https:/);
    expect(status).toBe(201);
  });

  it('strikes the API with each fault as often as told, and then no more', async () => {
    const { base, vendor } = await startToy();
    base.faults.add({ where: 'api', kind: 'status', status: 429, times: 1, match: '^/things/' });
    expect((await post(`${base.url}/things/one.json`)).status).toBe(429);
    base.faults.add({ where: 'api', kind: 'drop', times: 1 });
    await expect(post(`${base.url}/things/two.json`)).rejects.toThrow('fetch failed');
    expect(vendor.done).toEqual([]);
    base.faults.add({ where: 'api', kind: 'no_answer_after_accept', times: 1 });
    await expect(post(`${base.url}/things/three.json`)).rejects.toThrow('fetch failed');
    expect(vendor.done).toEqual(['three']);
    base.faults.add({ where: 'api', kind: 'revoked_token', times: 1 });
    expect((await post(`${base.url}/things/four.json`)).status).toBe(401);
    expect((await post(`${base.url}/things/five.json`)).status).toBe(201);
    expect(base.faults.list().map(({ kind, fired }) => `${kind} ${fired}`)).toEqual([
      'status 1',
      'drop 1',
      'no_answer_after_accept 1',
      'revoked_token 1',
    ]);
  });

  it('hangs until the client gives up', async () => {
    const { base, vendor } = await startToy();
    base.faults.add({ where: 'api', kind: 'hang' });
    await expect(
      fetch(`${base.url}/things/a.json`, { method: 'POST', signal: AbortSignal.timeout(80) }),
    ).rejects.toThrow();
    expect(vendor.done).toEqual([]);
  });

  it('trickles media over the time told, whole in the end', async () => {
    const { base } = await startToy();
    base.faults.add({ where: 'media', kind: 'slow_media', delayMs: 200 });
    const began = performance.now();
    const text = await (await fetch(`${base.url}/media/a/b`)).text();
    expect(text).toBe('file a/b'.repeat(10));
    expect(performance.now() - began).toBeGreaterThan(150);
  });
});

describe('the control API', () => {
  it('puts faults on the board, lists and clears them, and refuses those that could never strike', async () => {
    const { base } = await startToy();
    const faults = `${base.url}/_control/faults`;
    const added = (await (await post(faults, { where: 'api', kind: 'delay', delay_ms: 5, times: 2 })).json()) as {
      id: string;
    };
    expect(await (await fetch(faults)).json()).toEqual({
      data: [{ id: added.id, where: 'api', kind: 'delay', delay_ms: 5, times: 2, fired: 0 }],
    });
    const refused = await post(faults, { where: 'api', kind: 'reorder' });
    expect(refused.status).toBe(400);
    expect(await refused.text()).toContain('must be one of drop, delay, status');
    expect((await post(faults, { where: 'api', kind: 'status' })).status).toBe(400);
    expect((await post(faults, { where: 'api', kind: 'drop', match: '(' })).status).toBe(400);
    await fetch(`${faults}/${added.id}`, { method: 'DELETE' });
    expect(base.faults.list()).toEqual([]);
  });

  it('is not struck by faults itself, and forgets on reset', async () => {
    const { base, vendor } = await startToy();
    await post(`${base.url}/things/a.json`);
    base.faults.add({ where: 'api', kind: 'drop' });
    expect(await (await fetch(`${base.url}/_control/sent`)).json()).toEqual({ data: ['a'] });
    expect(await (await post(`${base.url}/_control/inbound`, { text: 'hi' })).json()).toEqual({ got: 'hi' });
    await post(`${base.url}/_control/reset`);
    expect([vendor.done, base.faults.list()]).toEqual([[], []]);
    expect(await (await fetch(`${base.url}/_control/`)).json()).toMatchObject({ vendor: 'toy' });
  });
});

describe('webhooks', () => {
  it('are tried again on the vendor’s schedule, each attempt on record', async () => {
    const { base, vendor } = await startToy({ retryScale: 0.001 });
    const receiver = await startReceiver([500, 503]);
    const result = await vendor.webhooks.send(job(receiver.url, 'a', { waitsMs: [1000, 2000, 4000] }));
    expect(result).toMatchObject({ attempts: 3, accepted: true });
    expect(base.deliveries().map(({ attempt, status }) => [attempt, status])).toEqual([
      [1, 500],
      [2, 503],
      [3, 200],
    ]);
  });

  it('tell a refused connection, a broken one and a slow answer apart', async () => {
    const { vendor } = await startToy();
    const gone = await startReceiver();
    await gone.close();
    expect((await vendor.webhooks.send(job(gone.url, 'a'))).outcome?.failure).toBe('connect');
    const cutting = createServer((request) => request.socket.destroy());
    const slow = createServer(() => undefined);
    for (const server of [cutting, slow]) {
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      open.push({
        close: () => new Promise((resolve) => (server.close(() => resolve()), server.closeAllConnections())),
      });
    }
    const at = (server: Server) => `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    expect((await vendor.webhooks.send(job(at(cutting), 'a'))).outcome?.failure).toBe('cut');
    expect((await vendor.webhooks.send(job(at(slow), 'a', { timeoutMs: 50 }))).outcome?.failure).toBe('timeout');
  });

  it('are dropped, doubled, held back and left without an answer by faults', async () => {
    const { base, vendor } = await startToy();
    const receiver = await startReceiver();
    const { send } = vendor.webhooks;
    base.faults.add({ where: 'webhook', kind: 'drop', times: 1 });
    expect(await send(job(receiver.url, 'dropped'))).toMatchObject({ accepted: false, attempts: 0 });
    base.faults.add({ where: 'webhook', kind: 'duplicate', times: 1 });
    await send(job(receiver.url, 'twice'));
    base.faults.add({ where: 'webhook', kind: 'reorder', times: 1 });
    const held = send(job(receiver.url, 'first'));
    await send(job(receiver.url, 'second'));
    await held;
    base.faults.add({ where: 'webhook', kind: 'no_answer_after_accept', times: 1 });
    const unheard = await send(job(receiver.url, 'unheard', { waitsMs: [0] }));
    expect(unheard).toMatchObject({ accepted: true, attempts: 2 });
    expect(receiver.bodies).toEqual(['twice', 'twice', 'second', 'first', 'unheard', 'unheard']);
  });

  it('come twice at the same time when told so', async () => {
    const { base, vendor } = await startToy();
    let busy = 0;
    const answers: (() => void)[] = [];
    const server = createServer((request, response) => {
      busy += 1;
      request.resume();
      // The first is answered when the second is there.
      answers.push(() => response.end());
      if (busy === 2) for (const answer of answers) answer();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    open.push({ close: () => new Promise((resolve) => (server.close(() => resolve()), server.closeAllConnections())) });
    base.faults.add({ where: 'webhook', kind: 'duplicate', delayMs: 0 });
    await vendor.webhooks.send(job(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`, 'x'));
    expect([busy, base.deliveries().length]).toEqual([2, 2]);
  });

  it('of one order key wait for each other; idle() waits for all and lets a held one go', async () => {
    const { base, vendor } = await startToy();
    const receiver = await startReceiver([500]);
    const { send } = vendor.webhooks;
    void send(job(receiver.url, '1', { order: 'a', waitsMs: [20] }));
    void send(job(receiver.url, '2', { order: 'a' }));
    await base.idle();
    expect(receiver.bodies).toEqual(['1', '1', '2']);
    base.faults.add({ where: 'webhook', kind: 'reorder', times: 1 });
    void send(job(receiver.url, 'held'));
    await base.idle();
    expect(receiver.bodies.at(-1)).toBe('held');
  });

  it('under way or held do not keep a simulator from closing', async () => {
    const { base, vendor } = await startToy();
    const receiver = await startReceiver([500]);
    base.faults.add({ where: 'webhook', kind: 'reorder', times: 1 });
    void vendor.webhooks.send(job(receiver.url, 'held'));
    const waiting = vendor.webhooks.send(job(receiver.url, 'x', { waitsMs: [3_600_000] }));
    await base.close();
    expect((await waiting).accepted).toBe(false);
  });
});
