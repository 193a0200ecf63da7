import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BUS, BusTransport, type Bus } from '@fanin/bus';
import { BLOB_STORE, type BlobStore } from '@fanin/connector-kit';
import { createCodecs, type InboundMessageV1 } from '@fanin/contracts';
import { createSystemClock, noMetrics, silentLogger } from '@fanin/kernel';
import {
  DATABASE,
  prepareServiceRole,
  RAW_ARCHIVE,
  readConfigValue,
  SCOPES,
  startService,
  type Database,
  type RawArchive,
  type RunningService,
} from '@fanin/platform';
import { startTestDatabase, type TestDatabase } from '@fanin/test-kit';
import request from 'supertest';
import type { Intake } from '../intake/intake.js';
import type { LiveHub } from '../live/live-hub.js';
import type { Receipts } from '../receipts/receipts.js';
import type { SearchIndexer } from '../search/search-indexer.js';
import { sampleChat, sampleHash, sampleMail, type SampleOptions } from '../testing/sample-messages.js';
import { ticketCoreService } from '../ticket-core.service.js';
import { INTAKE, LIVE_HUB, RECEIPTS, SEARCH_INDEXER } from './tokens.js';

type Json = Record<string, unknown>;

describe('ticket API', () => {
  let server: TestDatabase;
  let folder: string;
  let service: RunningService;
  let shop: string;
  let other: string;
  let reader: string;
  let lane = 0;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'fanin-tickets-'));
    server = await startTestDatabase();
    const url = await prepareServiceRole(server.url);
    const config = await readConfigValue(
      {
        tenants: [
          { id: 'shop', name: 'Shop' },
          { id: 'other', name: 'Other' },
        ],
        database: { url },
        storage: { folder: join(folder, 'objects') },
        http: { port: 0 },
        auth: { session_secret: 's'.repeat(40), operator_token: 'operator-token-of-the-test-0123' },
      },
      'test',
      { channels: [], env: {} },
    );
    service = await startService(ticketCoreService, config, { logger: silentLogger });
    shop = (await service.keys.create({ tenant: 'shop', scopes: SCOPES, name: 'Ada' })).key;
    other = (await service.keys.create({ tenant: 'other', scopes: SCOPES, name: 'Eve' })).key;
    reader = (await service.keys.create({ tenant: 'shop', scopes: ['tickets:read'], name: 'reader' })).key;
  }, 60_000);
  afterAll(async () => {
    await service.stop();
    await server.stop();
    rmSync(folder, { recursive: true });
  });
  beforeEach(() => {
    lane += 1;
  });

  const api = () => request(service.url);
  const get = (path: string, key = shop) => api().get(`/api/v1${path}`).set('authorization', `Bearer ${key}`);
  const post = (path: string, body: object, headers: Record<string, string> = {}, key = shop) =>
    api().post(`/api/v1${path}`).set('authorization', `Bearer ${key}`).set(headers).send(body);
  const patch = (id: string, body: object, key = shop) =>
    api().patch(`/api/v1/tickets/${id}`).set('authorization', `Bearer ${key}`).send(body);
  const mail = (name: string, options: SampleOptions = {}): InboundMessageV1 =>
    sampleMail(`api-${lane}-${name}`, { tenant: 'shop', ...options });
  const intake = (...messages: InboundMessageV1[]): Promise<void> =>
    service.app.get<Intake>(INTAKE).handleBatch(messages);
  const newTicket = async (message: InboundMessageV1): Promise<string> => {
    await intake(message);
    const { rows } = await service.app
      .get<Database>(DATABASE)
      .transaction('*', (client) =>
        client.query<{ ticket_id: string }>('SELECT ticket_id FROM tickets.messages WHERE id = $1', [
          message.message_id,
        ]),
      );
    return rows[0]!.ticket_id;
  };

  it('shows a ticket and its conversation with the names people rely on', async () => {
    const message = mail('first', {
      attachments: [
        { key: 'shop/a', size: 3, sha256: sampleHash('abc'), name: 'a.txt', content_type: 'text/plain', inline: false },
      ],
    });
    const id = await newTicket(message);
    const ticket = (await get(`/tickets/${id}`).expect(200)).body as Json;
    expect(Object.keys(ticket).sort()).toEqual(
      'id number subject status priority channel account_id tags team_id assignee_id customer created_at updated_at first_replied_at solved_at closed_at follow_up_of followed_up_by visibility reply_windows tasks'
        .split(' ')
        .sort(),
    );
    expect(ticket).toMatchObject({
      id,
      subject: message.subject,
      status: 'new',
      customer: { name: 'Ann' },
      created_at: message.received_at,
      solved_at: null,
    });
    const page = (await get(`/tickets/${id}/messages`).expect(200)).body as { data: Json[]; next_cursor: null };
    expect(page.next_cursor).toBeNull();
    expect(Object.keys(page.data[0]!).sort()).toEqual(
      'id ticket_id direction kind channel from to subject text html quoted_text attachments provider_message_id provider_time received_at threading flags visibility reactions amends template delivery'
        .split(' ')
        .sort(),
    );
    expect(page.data[0]).toMatchObject({
      id: message.message_id,
      direction: 'inbound',
      kind: 'public',
      from: { kind: 'email', id: 'ann@customer.example', name: 'Ann' },
      attachments: [
        {
          name: 'a.txt',
          content_type: 'text/plain',
          size: 3,
          sha256: sampleHash('abc'),
          inline: false,
          content_id: null,
        },
      ],
      threading: { rule: 'new', evidence: null },
      delivery: null,
    });
  });

  it('lists with every filter, newest change first, in pages', async () => {
    const tag = `lane${lane}`;
    const ids: string[] = [];
    for (let at = 0; at < 5; at += 1)
      ids.push(await newTicket(at === 4 ? sampleChat('c', `api-${lane}`, { tenant: 'shop' }) : mail(`m${at}`)));
    for (const id of ids) await patch(id, { tags: [tag] }).expect(200);
    await patch(ids[0]!, { status: 'pending', priority: 'high', team_id: 'billing', assignee_id: 'ada' }).expect(200);
    const list = async (filter: string): Promise<string[]> =>
      ((await get(`/tickets?tag=${tag}&${filter}`).expect(200)).body as { data: { id: string }[] }).data.map(
        ({ id }) => id,
      );
    const newestFirst = [ids[0]!, ...ids.slice(1).reverse()];
    expect(await list('')).toEqual(newestFirst);
    expect(await list('channel=chat')).toEqual([ids[4]]);
    for (const filter of [
      'status=pending',
      'status=pending,on_hold',
      'priority=high',
      'team_id=billing',
      'assignee_id=ada',
    ])
      expect([filter, await list(filter)]).toEqual([filter, [ids[0]]]);
    expect(await list('team_id=sales')).toEqual([]);
    expect(await list('assignee_id=none')).toEqual(newestFirst.slice(1));
    expect(await list('team_id=none&status=new,open')).toEqual(newestFirst.slice(1));
    const changed = ((await get(`/tickets/${ids[3]}`)).body as { updated_at: string }).updated_at;
    expect(await list(`updated_after=${changed}`)).toEqual([ids[0], ids[4]]);
    const walked: string[] = [];
    let cursor: string | null = null;
    do {
      const page: { data: { id: string }[]; next_cursor: string | null } = (
        await get(`/tickets?tag=${tag}&limit=2${cursor === null ? '' : `&cursor=${cursor}`}`).expect(200)
      ).body;
      walked.push(...page.data.map(({ id }) => id));
      cursor = page.next_cursor;
    } while (cursor !== null);
    expect(walked).toEqual(newestFirst);
  });

  it('finds tickets by words of subject and text and by number', async () => {
    const id = await newTicket(
      mail('words', { subject: `Zebra${lane} crossing`, text: 'The giraffe left the building.' }),
    );
    while ((await service.app.get<SearchIndexer>(SEARCH_INDEXER).indexSome()) > 0);
    const { number } = (await get(`/tickets/${id}`)).body as { number: number };
    const found = async (q: string): Promise<boolean> =>
      ((await get(`/tickets?q=${encodeURIComponent(q)}`).expect(200)).body as { data: { id: string }[] }).data.some(
        (ticket) => ticket.id === id,
      );
    for (const q of [
      `zebra${lane}`,
      `zebra${lane} giraffe`,
      `"left the building" zebra${lane}`,
      String(number),
      `#${number}`,
    ])
      expect([q, await found(q)]).toEqual([q, true]);
    for (const q of [
      `zebra${lane} elephant`,
      `zebra${lane} -giraffe`,
      String(number + 100_000),
      "'); DROP TABLE x; --",
    ])
      expect([q, await found(q)]).toEqual([q, false]);
  });

  it.each([
    ['status=lost', 'status'],
    ['status=new,lost', 'status'],
    ['assignee_id=', 'assignee_id'],
    ['team_id=', 'team_id'],
    ['visibility=secret', 'visibility'],
    ['task=done', 'task'],
    ['limit=0', 'limit'],
    ['limit=many', 'limit'],
    ['updated_after=yesterday', 'updated_after'],
    ['cursor=abc', 'cursor'],
    ['colour=red', 'colour'],
  ])('refuses the query %s and names it', async (filter, path) => {
    const answer = await get(`/tickets?${filter}`).expect(400);
    expect(answer.headers['content-type']).toMatch('application/problem+json');
    expect((answer.body as { problems: { path: string }[] }).problems.map((one) => one.path)).toEqual([path]);
  });

  it.each([
    [{}, ''],
    [{ status: 'lost' }, 'status'],
    [{ status: null }, 'status'],
    [{ tags: ['a', 'b,c'] }, 'tags[1]'],
    [{ tags: 'a' }, 'tags'],
    [{ number: 7 }, 'number'],
  ])('refuses the change %j and names it', async (body, path) => {
    const id = await newTicket(mail('patched'));
    const answer = await patch(id, body).expect(400);
    expect((answer.body as { problems: { path: string }[] }).problems.map((one) => one.path)).toEqual([path]);
  });

  it('names the values when a status is not one', async () => {
    const { detail } = (await get('/tickets?status=bogus').expect(400)).body as { detail: string };
    expect(detail).toBe(
      'status must be one of new, open, pending, on_hold, solved, closed, or several of them joined by commas',
    );
  });

  it('changes a ticket through its life and refuses what life does not allow', async () => {
    const id = await newTicket(mail('life'));
    expect((await patch(id, { status: 'solved' }).expect(200)).body).toMatchObject({
      status: 'solved',
      solved_at: expect.any(String),
    });
    expect((await patch(id, { status: 'open' }).expect(200)).body).toMatchObject({ status: 'open', solved_at: null });
    await patch(id, { status: 'new' }).expect(409);
    expect((await patch(id, { status: 'closed', tags: ['x', 'x'] }).expect(200)).body).toMatchObject({
      status: 'closed',
      tags: ['x'],
      closed_at: expect.any(String),
    });
    const refused = await patch(id, { priority: 'low' }).expect(409);
    expect(refused.body).toMatchObject({
      type: 'urn:fanin:problem:ticket_state',
      detail: expect.stringContaining('follow-up'),
    });
    await post(`/tickets/${id}/replies`, { text: 'too late' }).expect(409);
    expect((await patch(id, { status: 'closed' }).expect(200)).body).toMatchObject({ status: 'closed' });
  });

  it('answers: row, outbound message, event, status and receipt, and the answer to it comes home', async () => {
    const first = mail('asked', { provider_fields: { mailbox: 'INBOX' } });
    const id = await newTicket(first);
    const follow = mail('more', { threading: { references: [first.provider_message_id] } });
    await intake(follow);
    const reply = (await post(`/tickets/${id}/replies`, { text: 'On its way.', status: 'pending' }).expect(201))
      .body as Json;
    expect(reply).toMatchObject({
      ticket_id: id,
      direction: 'outbound',
      kind: 'public',
      from: { kind: 'agent', name: 'Ada' },
      text: 'On its way.',
      subject: `Re: ${first.subject}`,
      delivery: { status: 'queued' },
    });
    expect((await get(`/tickets/${id}`)).body).toMatchObject({
      status: 'pending',
      first_replied_at: reply['received_at'],
    });
    const receipts = service.app.get<Receipts>(RECEIPTS);
    const receipt = {
      outbound_id: String(reply['id']),
      tenant: 'shop',
      account_id: 'mail',
      provider_message_id: `<out-${lane}@shop.example>`,
      code: null,
      reason: null,
      at: '2026-11-21T09:00:00.000Z',
    };
    expect(await receipts.handleBatch([{ ...receipt, tenant: 'other', status: 'read' }])).toBe(0);
    expect(
      await receipts.handleBatch([
        { ...receipt, status: 'sent' },
        { ...receipt, status: 'sent' },
      ]),
    ).toBe(1);
    expect(await receipts.handleBatch([{ ...receipt, status: 'queued' }])).toBe(0);
    const home = mail('thanks', {
      conversation_key: `<out-${lane}@shop.example>`,
      threading: { references: [`<out-${lane}@shop.example>`] },
    });
    expect(await newTicket(home)).toBe(id);
    const report = {
      provider_message_id: `<out-${lane}@shop.example>`,
      outbound_id: null,
      action: 'failed',
      status: '5.1.1',
      diagnostic: 'no such user',
    };
    const bounce = mail('bounce', {
      sender: { kind: 'email', id: 'mailer-daemon@mx.example', name: null },
      automatic: { rule: 'bounce', evidence: 'multipart/report' },
      delivery_report: report,
    });
    expect(await newTicket(bounce)).toBe(id);
    const { data } = (await get(`/tickets/${id}/messages`)).body as { data: Json[] };
    expect(data.map(({ kind, direction }) => [kind, direction])).toEqual([
      ['public', 'inbound'],
      ['public', 'inbound'],
      ['public', 'outbound'],
      ['public', 'inbound'],
      ['event', 'inbound'],
    ]);
    expect(data[2]).toMatchObject({
      provider_message_id: `<out-${lane}@shop.example>`,
      delivery: { status: 'failed', code: '5.1.1', reason: 'no such user' },
    });
  });

  it('sends what the channel needs to thread the answer', async () => {
    const first = mail('q', { provider_fields: { mailbox: 'INBOX' } });
    const second = mail('q2', {
      threading: { references: [first.provider_message_id] },
      provider_fields: { mailbox: 'Support' },
    });
    const id = await newTicket(first);
    await intake(second);
    const codecs = createCodecs();
    const sent: unknown[] = [];
    const bus = service.app.get<Bus>(BUS);
    const reply = (await post(`/tickets/${id}/replies`, { text: 'Yes.' }).expect(201)).body as { id: string };
    for (let wait = 0; sent.length === 0 && wait < 100; wait += 1) {
      for (let partition = 0; partition < 6; partition += 1) {
        for (const record of await bus.read('fanin.outbound.messages.v1', partition, { fromOffset: 0n, limit: 1000 })) {
          const decoded = codecs.outboundMessage.decode(record);
          if (decoded.ok && decoded.value.outbound_id === reply.id) sent.push(decoded.value);
        }
      }
      if (sent.length === 0) await new Promise((resolve) => setTimeout(resolve, 50));
    }
    expect(sent[0]).toMatchObject({
      ticket_id: id,
      kind: 'reply',
      author_name: 'Ada',
      to: [{ kind: 'email', id: 'ann@customer.example' }],
      in_reply_to: second.provider_message_id,
      references: [first.provider_message_id, second.provider_message_id],
      conversation_key: first.provider_message_id,
      provider_fields: { mailbox: 'Support' },
    });
    expect((await get(`/tickets/${id}`)).body).toMatchObject({ status: 'open' });
  });

  it('takes messages and receipts from the bus', async () => {
    const codecs = createCodecs();
    const bus = service.app.get<Bus>(BUS);
    const dependencies = { bus, clock: createSystemClock(), logger: silentLogger, metrics: noMetrics };
    const failures: unknown[] = [];
    const app = service.app.connectMicroservice({
      strategy: new BusTransport({ ...dependencies, lagEveryMs: 0, onFailure: (error) => failures.push(error) }),
    });
    await app.listen();
    const message = mail('bus', { subject: `By bus ${lane}` });
    await bus.publish('fanin.inbound.messages.v1', [
      codecs.inboundMessage.encode(message, { key: 'k', source: '/test' }),
    ]);
    const until = async <T>(ask: () => Promise<T | undefined>): Promise<T> => {
      for (;;) {
        const found = await ask();
        if (found !== undefined) return found;
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    };
    const id = await until(async () => {
      const { data } = (await get('/tickets?limit=5')).body as { data: { id: string; subject: string }[] };
      return data.find(({ subject }) => subject === message.subject)?.id;
    });
    const reply = (await post(`/tickets/${id}/replies`, { text: 'Hello.' }).expect(201)).body as { id: string };
    const receipt = {
      outbound_id: reply.id,
      tenant: 'shop',
      account_id: 'mail',
      status: 'sent' as const,
      provider_message_id: `<bus-${lane}@shop.example>`,
      code: null,
      reason: null,
      at: '2026-11-21T09:00:00.000Z',
    };
    await bus.publish('fanin.outbound.receipts.v1', [
      codecs.outboundReceipt.encode(receipt, { key: reply.id, source: '/test' }),
    ]);
    await until(async () => {
      const { data } = (await get(`/tickets/${id}/messages`)).body as {
        data: { delivery: { status: string } | null }[];
      };
      return data[1]?.delivery?.status === 'sent' ? true : undefined;
    });
    await app.close();
    expect(failures).toEqual([]);
  });

  it('does a request with an Idempotency-Key once', async () => {
    const id = await newTicket(mail('once'));
    const key = { 'idempotency-key': `key-${lane}` };
    const answers = await Promise.all(
      [1, 2, 3].map(() => post(`/tickets/${id}/notes`, { text: 'Called.' }, key).expect(201)),
    );
    expect(new Set(answers.map(({ body }) => (body as { id: string }).id)).size).toBe(1);
    const reused = await post(`/tickets/${id}/notes`, { text: 'Other.' }, key).expect(409);
    expect(reused.body).toMatchObject({ type: 'urn:fanin:problem:idempotency_key_reused' });
    await post(`/tickets/${id}/replies`, { text: 'Called.' }, key).expect(409);
    await post(`/tickets/${id}/notes`, { text: 'Called.' }).expect(201);
    const { data } = (await get(`/tickets/${id}/messages`)).body as { data: Json[] };
    expect(data.map(({ kind }) => kind)).toEqual(['public', 'note', 'note']);
    expect((await get(`/tickets/${id}`)).body).toMatchObject({ status: 'new', first_replied_at: null });
  });

  it.each([
    [{}, 'text'],
    [{ text: '' }, 'text'],
    [{ text: '  ' }, 'text'],
    [{ text: 'x', status: 'closed' }, 'status'],
    [{ text: 'x', to: 'y' }, 'to'],
  ])('refuses the reply %j', async (body, path) => {
    const id = await newTicket(mail('refused'));
    const answer = await post(`/tickets/${id}/replies`, body).expect(400);
    expect((answer.body as { problems: { path: string }[] }).problems.map((one) => one.path)).toEqual([path]);
  });

  it('gives out originals and attachments as downloads only', async () => {
    const message = mail('raw', {
      attachments: [
        {
          key: `shop/att-${lane}`,
          size: 4,
          sha256: sampleHash('html'),
          name: 'ev"il\r\n/../ü.html',
          content_type: 'text/html',
          inline: false,
        },
      ],
    });
    const id = await newTicket(message);
    await get(`/messages/${message.message_id}/raw`).expect(404);
    await service.app.get<RawArchive>(RAW_ARCHIVE).store([
      {
        deliveryId: message.delivery_id,
        tenant: 'shop',
        contentType: 'message/rfc822',
        body: Buffer.from('From: a\r\n\r\nb'),
      },
    ]);
    const raw = await get(`/messages/${message.message_id}/raw`).buffer(true).parse(bytes).expect(200);
    expect([raw.headers['content-type'], raw.headers['content-disposition'], (raw.body as Buffer).toString()]).toEqual([
      'message/rfc822',
      expect.stringMatching(/^attachment; /),
      'From: a\r\n\r\nb',
    ]);
    await service.app.get<BlobStore>(BLOB_STORE).put(`shop/att-${lane}`, Buffer.from('<b>x'));
    const attachment = await get(`/messages/${message.message_id}/attachments/0`).buffer(true).parse(bytes).expect(200);
    expect(attachment.headers).toMatchObject({
      'content-type': 'application/octet-stream',
      'x-content-type-options': 'nosniff',
      'content-disposition': `attachment; filename="ev_il___..__.html"; filename*=UTF-8''ev%22il___.._%C3%BC.html`,
    });
    expect(attachment.headers['content-disposition']).not.toMatch(/[\r\n/]/);
    await get(`/messages/${message.message_id}/attachments/1`).expect(404);
    await get(`/messages/${message.message_id}/attachments/x`).expect(404);
    await get(`/messages/${message.message_id}/attachments/0`, other).expect(404);
    await get(`/messages/${message.message_id}/raw`, other).expect(404);
    const note = (await post(`/tickets/${id}/notes`, { text: 'n' })).body as { id: string };
    await get(`/messages/${note.id}/raw`).expect(404);
  });

  it('reads large bodies from the object store', async () => {
    const body = JSON.stringify({ text: 'the whole text', html: '<p>whole</p>', quoted_text: null });
    await service.app.get<BlobStore>(BLOB_STORE).put(`shop/body-${lane}`, Buffer.from(body));
    const ref = (key: string) => ({ key, size: body.length, sha256: sampleHash(body) });
    const message = mail('large', { text: 'the whole', body_ref: ref(`shop/body-${lane}`) });
    const id = await newTicket(message);
    await intake(
      mail('lost', {
        text: 'a beginning',
        body_ref: ref('shop/gone'),
        threading: { references: [message.provider_message_id] },
      }),
    );
    const { data } = (await get(`/tickets/${id}/messages`)).body as { data: Json[] };
    expect(data[0]).toMatchObject({ text: 'the whole text', html: '<p>whole</p>' });
    expect(data[1]).toMatchObject({ text: 'a beginning', flags: ['body_cut'] });
  });

  it('shows another tenant nothing on any route of its document', async () => {
    const message = mail('secret');
    const id = await newTicket(message);
    const document = (await api().get('/docs/openapi.json').set('authorization', `Bearer ${shop}`).expect(200))
      .body as { paths: Record<string, object> };
    const routes = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => ({ path, method })),
    );
    expect(
      routes
        .map(({ method, path }) => `${method} ${path}`)
        .filter((route) => /tickets|messages|events/.test(route))
        .sort(),
    ).toEqual([
      'get /api/v1/events',
      'get /api/v1/messages/{id}/attachments/{n}',
      'get /api/v1/messages/{id}/raw',
      'get /api/v1/tickets',
      'get /api/v1/tickets/{id}',
      'get /api/v1/tickets/{id}/messages',
      'patch /api/v1/tickets/{id}',
      'patch /api/v1/tickets/{id}/tasks/{task_id}',
      'post /api/v1/tickets/{id}/notes',
      'post /api/v1/tickets/{id}/replies',
    ]);
    for (const { path, method } of routes.filter((route) => route.path.includes('{id}'))) {
      const at = path
        .replace('{id}', path.includes('/messages/{id}') ? message.message_id : id)
        .replace('{n}', '0')
        .replace('{task_id}', id);
      const body = path.includes('/tasks/') ? { done: true } : method === 'patch' ? { status: 'open' } : { text: 'x' };
      const answer = await api()
        [method as 'get'](at)
        .set('authorization', `Bearer ${other}`)
        .send(method === 'get' ? undefined : body);
      expect([method, path, answer.status]).toEqual([method, path, 404]);
      expect(JSON.stringify(answer.body)).not.toMatch(/secret/);
      const none = await api()
        [method as 'get'](at)
        .send(method === 'get' ? undefined : body);
      expect(none.status).toBe(401);
    }
    expect(((await get('/tickets', other).expect(200)).body as { data: unknown[] }).data).toEqual([]);
    await patch(id, { status: 'open' }, reader).expect(403);
    await get('/tickets/not-a-uuid').expect(404);
    await get('/messages/%00/raw').expect(400);
    await get('/tickets?tag=%00&q=%00&assignee_id=%00').expect(400);
    const forged = Buffer.from(JSON.stringify(['2026-99-99T00:00:00.000Z', id])).toString('base64url');
    await get(`/tickets?cursor=${forged}`).expect(400);
  });

  it('tells live changes of the own tenant, and goes on behind the last one seen', async () => {
    await service.app.get<LiveHub>(LIVE_HUB).listening;
    const open = async (
      key: string,
      lastId?: string,
    ): Promise<{ until(word: string): Promise<string>; close(): void }> => {
      const abort = new AbortController();
      const answer = await fetch(`${service.url}/api/v1/events`, {
        headers: { authorization: `Bearer ${key}`, ...(lastId === undefined ? {} : { 'last-event-id': lastId }) },
        signal: abort.signal,
      });
      expect(answer.headers.get('content-type')).toMatch('text/event-stream');
      const stream = answer.body!.getReader();
      let text = '';
      return {
        async until(word) {
          while (!text.includes(word)) {
            const { value, done } = await stream.read();
            if (done) throw new Error(`the stream ended after: ${text}`);
            text += new TextDecoder().decode(value);
          }
          return text;
        },
        close: () => abort.abort(),
      };
    };
    const mine = await open(shop);
    const theirs = await open(other);
    await Promise.all([mine.until('hello'), theirs.until('hello')]);
    const id = await newTicket(mail('live'));
    const foreign = await newTicket(sampleMail(`live-${lane}`, { tenant: 'other' }));
    const text = await mine.until(id);
    expect(text).toMatch(/event: ticket\.created\ndata: \{"tenant":"shop"/);
    const seen = await theirs.until(foreign);
    expect(seen).not.toContain(id);
    await patch(id, { priority: 'high' }).expect(200);
    const lastId = /id: (\S+)/.exec(text)?.[1] ?? '';
    mine.close();
    theirs.close();
    const resumed = await open(shop, lastId);
    expect(await resumed.until('ticket.changed')).toContain(`"ticket_id":"${id}","seq":2`);
    resumed.close();
    const lost = await open(shop, 'unknown-1');
    expect(await lost.until('reset')).toContain('event: reset');
    lost.close();
  });
});

function bytes(answer: request.Response, done: (error: Error | null, body: Buffer) => void): void {
  const chunks: Buffer[] = [];
  const response = answer as unknown as NodeJS.ReadableStream;
  response.on('data', (chunk: Buffer) => chunks.push(chunk));
  response.on('end', () => done(null, Buffer.concat(chunks)));
}
