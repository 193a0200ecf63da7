import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { InboundMessageV1, ReplyWindow } from '@fanin/contracts';
import { isoTime, silentLogger } from '@fanin/kernel';
import {
  DATABASE,
  prepareServiceRole,
  readConfigValue,
  SCOPES,
  startService,
  type Database,
  type RunningService,
} from '@fanin/platform';
import { startTestDatabase, type TestDatabase } from '@fanin/test-kit';
import request from 'supertest';
import type { Intake } from '../intake/intake.js';
import type { Receipts } from '../receipts/receipts.js';
import type { SearchIndexer } from '../search/search-indexer.js';
import { sampleDirect, sampleHash, type SampleOptions } from '../testing/sample-messages.js';
import { ticketCoreService } from '../ticket-core.service.js';
import { INTAKE, RECEIPTS, SEARCH_INDEXER } from './tokens.js';

type Json = Record<string, unknown>;
interface Ticket {
  id: string;
  visibility: string | null;
  reply_windows: { visibility: string; rule: string; open: boolean; seconds_left: number | null }[];
  tasks: { id: string; kind: string; due_at: string | null; done_at: string | null; done_by: string | null }[];
}

const HOUR_MS = 3_600_000;

describe('rules of a conversation, in the API', () => {
  let server: TestDatabase;
  let folder: string;
  let service: RunningService;
  let key: string;
  let lane = 0;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'fanin-rules-'));
    server = await startTestDatabase();
    const config = await readConfigValue(
      {
        tenants: [{ id: 'shop', name: 'Shop' }],
        database: { url: await prepareServiceRole(server.url) },
        storage: { folder: join(folder, 'objects') },
        http: { port: 0 },
        auth: { session_secret: 's'.repeat(40), operator_token: 'operator-token-of-the-test-0123' },
      },
      'test',
      { channels: [], env: {} },
    );
    service = await startService(ticketCoreService, config, { logger: silentLogger });
    key = (await service.keys.create({ tenant: 'shop', scopes: SCOPES, name: 'Ada' })).key;
  }, 60_000);
  afterAll(async () => {
    await service.stop();
    await server.stop();
    rmSync(folder, { recursive: true });
  });
  beforeEach(() => {
    lane += 1;
  });

  const get = (path: string) => request(service.url).get(`/api/v1${path}`).set('authorization', `Bearer ${key}`);
  const send = (method: 'post' | 'patch', path: string, body: object) =>
    request(service.url)[method](`/api/v1${path}`).set('authorization', `Bearer ${key}`).send(body);
  const ticketAt = async (id: string): Promise<Ticket> => (await get(`/tickets/${id}`).expect(200)).body as Ticket;
  const messagesOf = async (id: string): Promise<Json[]> =>
    ((await get(`/tickets/${id}/messages`).expect(200)).body as { data: Json[] }).data;
  const reply = (id: string, body: object) => send('post', `/tickets/${id}/replies`, { text: 'Hello.', ...body });
  const direct = (name: string, options: SampleOptions = {}): InboundMessageV1 =>
    sampleDirect(`${lane}-${name}`, `customer-${lane}`, {
      provider_time: isoTime(Date.now() - HOUR_MS),
      received_at: isoTime(Date.now() - HOUR_MS),
      ...options,
    });
  const take = async (...messages: InboundMessageV1[]): Promise<string> => {
    await service.app.get<Intake>(INTAKE).handleBatch(messages);
    const { rows } = await service.app
      .get<Database>(DATABASE)
      .transaction('*', (client) =>
        client.query<{ ticket_id: string }>('SELECT ticket_id FROM tickets.messages WHERE id = $1', [
          messages[0]?.message_id,
        ]),
      );
    return rows[0]?.ticket_id ?? '';
  };
  const window = (leftMs: number | null, options: Partial<ReplyWindow> = {}): ReplyWindow => ({
    visibility: 'private',
    rule: 'standard',
    sends: 'text',
    until: leftMs === null ? null : isoTime(Date.now() + leftMs),
    once: false,
    ...options,
  });

  it('shows the windows of the latest message with the time left, and lets through what fits', async () => {
    const windows = [
      window(-HOUR_MS),
      window(HOUR_MS, { rule: 'human_agent' }),
      window(null, { visibility: 'public', rule: 'comment' }),
    ];
    const id = await take(direct('m', { visibility: 'public', reply_windows: windows }));
    const { reply_windows: shown, visibility } = await ticketAt(id);
    expect([visibility, shown.map(({ rule, open }) => [rule, open])]).toEqual([
      'public',
      [
        ['human_agent', true],
        ['comment', true],
        ['standard', false],
      ],
    ]);
    expect(shown.map((one) => one.seconds_left)).toEqual([expect.any(Number), null, 0]);
    expect(shown[0]?.seconds_left).toBeGreaterThan(3_500);
    expect(shown[0]?.seconds_left).toBeLessThanOrEqual(3_600);
    expect((await reply(id, {}).expect(201)).body).toMatchObject({ visibility: 'public' });
    expect((await reply(id, { visibility: 'private' }).expect(201)).body).toMatchObject({ visibility: 'private' });
  });

  it('refuses with the window, its end and what is possible instead', async () => {
    const ended = window(-HOUR_MS);
    const id = await take(
      direct('m', { reply_windows: [ended, window(null, { rule: 'template', sends: 'template' })] }),
    );
    const refused = await reply(id, { status: 'solved' }).expect(409);
    expect(refused.headers['content-type']).toMatch('application/problem+json');
    expect(refused.body).toMatchObject({
      type: 'urn:fanin:problem:reply_window',
      detail: `The window for a private answer (standard) closed on ${ended.until}. Still possible: private template.`,
    });
    expect((await messagesOf(id)).length).toBe(1);
    expect(await ticketAt(id)).toMatchObject({ status: 'new' });
    const sent = await reply(id, { template: { id: 'order_update', variables: { 1: '1042' } } }).expect(201);
    expect(sent.body).toMatchObject({
      visibility: 'private',
      template: { id: 'order_update', language: null, variables: { 1: '1042' } },
    });
    await reply(id, { visibility: 'public' }).expect(409);
    await reply(id, { template: { id: '' } }).expect(400);
    const unnamed = { text: undefined, template: { id: 'order_update', variables: { 1: '1042', 2: 'Ada' } } };
    expect((await reply(id, unnamed).expect(201)).body.text).toBe('Template order_update: 1042, Ada');
    expect((await reply(id, { text: undefined }).expect(400)).body.problems).toEqual([
      { path: 'text', message: 'is missing', example: 'It is on its way.' },
    ]);
  });

  it('has no limits where the channel names none', async () => {
    const id = await take(direct('m', { reply_windows: [window(-HOUR_MS)] }));
    await reply(id, {}).expect(409);
    await take(direct('more'));
    expect((await ticketAt(id)).reply_windows).toEqual([]);
    await reply(id, {}).expect(201);
  });

  it('opens again with the next message, and is not put back by one that was fetched late', async () => {
    const id = await take(direct('m', { reply_windows: [window(-HOUR_MS)] }));
    await take(direct('next', { provider_time: isoTime(Date.now()), reply_windows: [window(HOUR_MS)] }));
    expect((await ticketAt(id)).reply_windows).toMatchObject([{ open: true }]);
    const older = isoTime(Date.now() - 2 * HOUR_MS);
    await take(direct('late', { provider_time: older, reply_windows: [window(-HOUR_MS)] }));
    expect((await ticketAt(id)).reply_windows).toMatchObject([{ open: true }]);
  });

  it('takes one private answer to a comment, and another when that one failed', async () => {
    const windows = [
      window(HOUR_MS, { rule: 'private_reply', once: true }),
      window(null, { visibility: 'public', rule: 'comment' }),
    ];
    const id = await take(direct('m', { visibility: 'public', reply_windows: windows }));
    await reply(id, {}).expect(201);
    const first = (await reply(id, { visibility: 'private' }).expect(201)).body as { id: string };
    expect((await ticketAt(id)).reply_windows.map(({ rule, open }) => [rule, open])).toEqual([
      ['comment', true],
      ['private_reply', false],
    ]);
    const refused = await reply(id, { visibility: 'private' }).expect(409);
    expect((refused.body as { detail: string }).detail).toMatch(/takes one answer, which was given.*public answer/);
    await service.app.get<Receipts>(RECEIPTS).handleBatch([
      {
        outbound_id: first.id,
        tenant: 'shop',
        account_id: 'page',
        status: 'failed',
        provider_message_id: null,
        code: 'PERMISSION',
        reason: 'no',
        at: isoTime(Date.now()),
      },
    ]);
    await reply(id, { visibility: 'private' }).expect(201);
  });

  it('refuses a public answer in a private conversation', async () => {
    const id = await take(direct('m'));
    const { body } = await reply(id, { visibility: 'public' }).expect(409);
    expect((body as { detail: string }).detail).toMatch('is not public');
  });

  it('refuses who opted out, until he opts in again', async () => {
    const anHourAgo = Date.now() - HOUR_MS;
    const at = (minutes: number): string => isoTime(anHourAgo + minutes * 60_000);
    const word = (name: string, flag: string, minutes: number, options: SampleOptions = {}): InboundMessageV1 =>
      direct(name, { text: ` ${name} `, flags: [flag], provider_time: null, received_at: at(minutes), ...options });
    const id = await take(direct('m'));
    await reply(id, {}).expect(201);
    const stop = word('Stop', 'opt_out', 1);
    await take(stop, direct('grumble', { provider_time: at(2) }));
    const refused = await reply(id, {}).expect(409);
    expect(refused.body).toMatchObject({
      type: 'urn:fanin:problem:reply_window',
      detail: `The customer opted out of messages with "Stop" at ${stop.received_at}. Nothing can be sent until the customer opts in again.`,
    });
    await reply(id, { template: { id: 'order_update', variables: {} } }).expect(409);
    expect((await messagesOf(id)).filter(({ direction }) => direction === 'outbound')).toHaveLength(1);
    await send('post', `/tickets/${id}/notes`, { text: 'Call instead.' }).expect(201);
    await take(word('START', 'opt_in', 5), word('earlier', 'opt_out', 9, { provider_time: at(4) }));
    await reply(id, {}).expect(201);
    await take(
      word('tie', 'opt_out', 5, { received_at: stop.received_at, provider_time: at(6) }),
      word('YES', 'opt_in', 6),
    );
    await reply(id, {}).expect(409);
  });

  it('does not hear a word of another conversation', async () => {
    const stop = direct('stop', { flags: ['opt_out'] });
    const elsewhere = { conversation_key: `comment:${lane}`, threading: { references: [stop.provider_message_id] } };
    const id = await take(stop, direct('comment', elsewhere));
    expect(await messagesOf(id)).toHaveLength(2);
    await reply(id, {}).expect(201);
  });

  it('lists by visibility', async () => {
    const open = await take(direct('a', { visibility: 'public' }));
    const ids = async (filter: string): Promise<string[]> =>
      ((await get(`/tickets?limit=200&${filter}`).expect(200)).body as { data: Ticket[] }).data.map(({ id }) => id);
    expect(await ids('visibility=public')).toContain(open);
    expect(await ids('visibility=private')).not.toContain(open);
  });

  it('shows tasks, lists what is due first, and takes word that one is done', async () => {
    const ask = (name: string, due: string | null): InboundMessageV1 =>
      direct(name, {
        conversation_key: `call:${lane}-${name}`,
        task: { kind: 'callback', due_at: due, note: '+1 500 555 0010' },
      });
    const later = await take(ask('later', isoTime(Date.now() + 2 * HOUR_MS)));
    const soon = await take(ask('soon', isoTime(Date.now() + HOUR_MS)));
    const atOnce = await take(ask('at-once', null));
    const walked: string[] = [];
    let cursor = '';
    do {
      const page = (await get(`/tickets?task=open&limit=1${cursor}`).expect(200)).body as {
        data: Ticket[];
        next_cursor: string | null;
      };
      walked.push(...page.data.map(({ id }) => id));
      cursor = page.next_cursor === null ? '' : `&cursor=${page.next_cursor}`;
    } while (cursor !== '');
    expect(walked).toEqual([atOnce, soon, later]);
    const [task] = (await ticketAt(soon)).tasks;
    expect(task).toMatchObject({ kind: 'callback', note: '+1 500 555 0010', done_at: null, done_by: null });
    const path = `/tickets/${soon}/tasks/${task?.id ?? ''}`;
    const done = (await send('patch', path, { done: true }).expect(200)).body as Json;
    expect(done).toMatchObject({ id: task?.id, done_at: expect.any(String), done_by: expect.any(String) });
    expect((await send('patch', path, { done: true }).expect(200)).body).toEqual(done);
    const left = (await get('/tickets?task=open').expect(200)).body as { data: Ticket[] };
    expect(left.data.map(({ id }) => id)).toEqual([atOnce, later]);
    expect((await send('patch', path, { done: false }).expect(200)).body).toMatchObject({
      done_at: null,
      done_by: null,
    });
    await send('patch', path, {}).expect(400);
    await send('patch', `/tickets/${later}/tasks/${task?.id ?? ''}`, { done: true }).expect(404);
    await send('patch', `/tickets/${soon}/tasks/none`, { done: true }).expect(404);
  });

  it('shows what amendments made of a message, and finds it by its new words', async () => {
    const file = {
      key: 'shop/x',
      size: 1,
      sha256: sampleHash('x'),
      name: 'recording.mp3',
      content_type: 'audio/mpeg',
      inline: false,
    };
    const amends = (change: string, value: string | null = null): SampleOptions => ({
      text: '',
      amends: { provider_message_id: `mid-${lane}-m`, change, value },
    });
    const first = direct('m', { text: `aardvark${lane}` });
    const id = await take(
      first,
      direct('e', { ...amends('edited'), text: `buffalo${lane}` }),
      direct('a', { ...amends('attachments_added'), attachments: [file] }),
      direct('r', amends('reacted', '❤')),
    );
    const [message, edit] = await messagesOf(id);
    expect(message).toMatchObject({
      text: `buffalo${lane}`,
      flags: ['edited'],
      attachments: [{ name: 'recording.mp3' }],
      reactions: [{ value: '❤', from: { kind: 'social', name: 'Ines' }, at: expect.any(String) }],
      amends: null,
    });
    expect(edit).toMatchObject({
      kind: 'event',
      amends: { message_id: first.message_id, change: 'edited', value: null, earlier_text: `aardvark${lane}` },
    });
    const found = async (q: string): Promise<number> =>
      ((await get(`/tickets?q=${q}`).expect(200)).body as { data: unknown[] }).data.length;
    const index = async (): Promise<void> => {
      while ((await service.app.get<SearchIndexer>(SEARCH_INDEXER).indexSome()) > 0);
    };
    await index();
    expect([await found(`buffalo${lane}`), await found(`aardvark${lane}`)]).toEqual([1, 0]);
    await take(direct('d', amends('deleted')));
    await index();
    const [hidden, editOfHidden] = await messagesOf(id);
    expect(hidden).toMatchObject({ text: '', attachments: [], flags: ['edited', 'deleted'] });
    expect(editOfHidden).toMatchObject({ text: '', amends: { earlier_text: null } });
    expect(await found(`buffalo${lane}`)).toBe(0);
    const gone = await get(`/messages/${first.message_id}/attachments/0`).expect(410);
    expect(gone.body).toMatchObject({ type: 'urn:fanin:problem:message_deleted' });
  });
});
