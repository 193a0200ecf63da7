import { demoApp, startMetaSimulator } from './index.js';
import type { MetaSimulator, MetaSimulatorOptions } from './index.js';
import { code, graphClient } from './testing/graph-client.js';
import { JumpingClock, startReceiver } from './testing/receiver.js';
import type { Receiver } from './testing/receiver.js';

const PAGE = '104857620015542';
const TOKEN = 'EAALrdemoPageToken104857620015542';
const HOUR_MS = 3_600_000;
const open: { close(): Promise<void> }[] = [];
let ours: Receiver;
let clock: JumpingClock;
let meta: MetaSimulator;

async function set(options: MetaSimulatorOptions = {}) {
  clock = new JumpingClock();
  ours = await startReceiver(demoApp.verifyToken);
  meta = await startMetaSimulator({ clock, ...options });
  open.push(ours, meta);
  await meta.configure({ webhooks: { page: ours.url, instagram: ours.url } });
  return graphClient(meta, TOKEN);
}

const send = (to: string, text: string, more: Record<string, unknown> = {}) => ({
  recipient: { id: to },
  messaging_type: 'RESPONSE',
  message: { text },
  ...more,
});

afterEach(async () => {
  for (const each of open.splice(0).reverse()) await each.close();
});

describe('what customers do in Messenger', () => {
  it('comes in the documented shapes, at its own time', async () => {
    await set();
    const at = clock.now() - 5000;
    const first = meta.inbound({ channel: 'messenger', from: { name: 'Ida Moe' }, text: 'Hello', at });
    const ida = { channel: 'messenger', from: first.from, at } as const;
    meta.inbound({ ...ida, text: 'Red', quick_reply: 'COLOUR_RED', reply_to: first.id });
    meta.inbound({ ...ida, kind: 'postback', title: 'Start', payload: 'START' });
    meta.inbound({ ...ida, kind: 'reaction', mid: first.id, reaction: 'love', emoji: '❤️' });
    meta.inbound({ ...ida, kind: 'reaction', mid: first.id, action: 'unreact' });
    meta.inbound({ ...ida, kind: 'edit', mid: first.id, text: 'Hello there' });
    meta.inbound({ ...ida, kind: 'unsend', mid: first.id });
    meta.inbound({ ...ida, kind: 'read' });
    meta.inbound({ ...ida, kind: 'delivery', mids: ['m_x'] });
    const echo = meta.inbound({ ...ida, kind: 'echo', text: 'From the inbox' });
    await meta.idle();
    const sides = { sender: { id: first.from }, recipient: { id: PAGE } };
    const mid = expect.stringMatching(/^m_[\w-]{86}$/) as string;
    const items = [...ours.items()];
    const seen = (part: object) =>
      items.some((item) => JSON.stringify(item) === JSON.stringify({ ...sides, timestamp: at, ...part }));
    expect(first.id).toEqual(mid);
    expect(seen({ message: { mid: first.id, text: 'Hello' } })).toBe(true);
    expect(items).toContainEqual({
      ...sides,
      timestamp: at,
      message: { mid, text: 'Red', quick_reply: { payload: 'COLOUR_RED' }, reply_to: { mid: first.id } },
    });
    expect(items).toContainEqual({ ...sides, timestamp: at, postback: { mid, title: 'Start', payload: 'START' } });
    expect(seen({ reaction: { mid: first.id, action: 'react', reaction: 'love', emoji: '❤️' } })).toBe(true);
    expect(seen({ reaction: { mid: first.id, action: 'unreact' } })).toBe(true);
    expect(seen({ message_edit: { mid: first.id, text: 'Hello there', num_edit: 1 } })).toBe(true);
    expect(seen({ message: { mid: first.id, is_deleted: true } })).toBe(true);
    expect(seen({ read: { watermark: at } })).toBe(true);
    expect(items).toContainEqual({ ...sides, delivery: { mids: ['m_x'], watermark: at } });
    expect(items).toContainEqual({
      sender: { id: PAGE },
      recipient: { id: first.from },
      timestamp: at,
      message: { mid: echo.id, text: 'From the inbox', is_echo: true, app_id: 263902037430900 },
    });
    expect(ours.posted.every(({ body }) => body.object === 'page' && body.entry[0]?.['id'] === PAGE)).toBe(true);
  });

  it('goes to standby while another app has the thread', async () => {
    await set();
    meta.inbound({ channel: 'messenger', text: 'hi', standby: true });
    await meta.idle();
    expect(Object.keys(ours.posted[0]?.body.entry[0] ?? {})).toEqual(['id', 'time', 'standby']);
  });

  it('has attachments at links that die by the clock', async () => {
    await set({ cdnTtlMs: HOUR_MS });
    const base64 = Buffer.from('col1;col2').toString('base64');
    meta.inbound({
      channel: 'messenger',
      attachments: [
        { type: 'image' },
        { type: 'file', base64, mime: 'text/csv', filename: 'list.csv' },
        { type: 'fallback', title: 'Tent', url: 'https://shop.example/t' },
      ],
    });
    await meta.idle();
    const message = ours.items()[0]?.['message'] as { attachments: { type: string; payload: { url: string } }[] };
    expect(message.attachments.map(({ type }) => type)).toEqual(['image', 'file', 'fallback']);
    expect(message.attachments[2]).toEqual({
      type: 'fallback',
      title: 'Tent',
      url: 'https://shop.example/t',
      payload: { url: 'https://shop.example/t', title: 'Tent' },
    });
    const file = message.attachments[1]?.payload.url ?? '';
    const got = await fetch(file);
    expect([got.status, got.headers.get('content-type'), await got.text()]).toEqual([200, 'text/csv', 'col1;col2']);
    expect((await fetch(file.replace(/oe=\w/, 'oe=7'))).status).toBe(403);
    meta.faults.add({ where: 'media', kind: 'status', status: 503, times: 1 });
    expect((await fetch(file)).status).toBe(503);
    clock.time += HOUR_MS + 1000;
    const late = await fetch(file);
    expect([late.status, await late.text()]).toEqual([403, 'URL signature expired']);
  });
});

describe('what we send', () => {
  it('is taken once, echoed with our app id, and reported as delivered and read', async () => {
    const graph = await set({ receipts: { read: true } });
    const { from } = meta.inbound({ channel: 'messenger', text: 'hi' });
    await meta.idle();
    ours.posted.length = 0;
    const answer = await graph.post(
      `${PAGE}/messages`,
      send(from, 'Yes, it is', { message: { text: 'Yes, it is', metadata: 'intent-7' } }),
    );
    expect([answer.status, answer.body['recipient_id']]).toEqual([200, from]);
    const mid = answer.body['message_id'];
    await meta.idle();
    const ourSide = { sender: { id: PAGE }, recipient: { id: from } };
    expect(ours.items()).toContainEqual({
      ...ourSide,
      timestamp: clock.now(),
      message: { mid, text: 'Yes, it is', is_echo: true, app_id: Number(demoApp.id), metadata: 'intent-7' },
    });
    expect(ours.items()).toContainEqual({
      sender: { id: from },
      recipient: { id: PAGE },
      delivery: { mids: [mid], watermark: clock.now() },
    });
    expect(ours.items()).toContainEqual({
      sender: { id: from },
      recipient: { id: PAGE },
      timestamp: clock.now(),
      read: { watermark: clock.now() },
    });
    expect(meta.sent()).toMatchObject([
      { id: mid, channel: 'messenger', account_id: PAGE, kind: 'message', to: from, text: 'Yes, it is' },
    ]);
  });

  it('may have a file, by link or uploaded', async () => {
    const graph = await set();
    const { from } = meta.inbound({ channel: 'messenger', text: 'hi' });
    const file = await startReceiver('x');
    open.push(file);
    const attachment = (url: string) => ({ attachment: { type: 'file', payload: { url } } });
    const gone = await graph.post('me/messages', send(from, '', { message: attachment('http://127.0.0.1:9/a.pdf') }));
    expect(code(gone)).toEqual([400, 100, 2018047]);
    const linked = await graph.post(
      'me/messages',
      send(from, '', { message: attachment('https://files.example/a.pdf') }),
    );
    expect(linked.status).toBe(200);
    const form = new FormData();
    form.set('recipient', JSON.stringify({ id: from }));
    form.set('message', JSON.stringify({ attachment: { type: 'file', payload: {} } }));
    form.set('filedata', new File(['%PDF-1.4'], 'label.pdf', { type: 'application/pdf' }));
    const headers = { authorization: `Bearer ${TOKEN}` };
    const uploaded = await fetch(`${meta.url}/v25.0/${PAGE}/messages`, { method: 'POST', headers, body: form });
    expect(uploaded.status).toBe(200);
    expect(meta.sent().map(({ attachments }) => attachments)).toEqual([
      [{ type: 'file', url: 'https://files.example/a.pdf' }],
      [{ type: 'file', filename: 'label.pdf', bytes: 8 }],
    ]);
  });

  it('is refused outside 24 hours, and with HUMAN_AGENT outside 7 days; a reaction opens the window again', async () => {
    const graph = await set();
    const { from, id } = meta.inbound({ channel: 'messenger', text: 'hi' });
    const human = { messaging_type: 'MESSAGE_TAG', tag: 'HUMAN_AGENT' };
    clock.time += 24 * HOUR_MS;
    expect((await graph.post('me/messages', send(from, 'in time'))).status).toBe(200);
    clock.time += 1;
    const late = await graph.post('me/messages', send(from, 'late'));
    expect(code(late)).toEqual([400, 10, 2018278]);
    expect((await graph.post('me/messages', send(from, 'by a person', human))).status).toBe(200);
    clock.time += 6 * 24 * HOUR_MS;
    expect(code(await graph.post('me/messages', send(from, 'too late', human)))).toEqual([400, 10, 2018278]);
    meta.inbound({ channel: 'messenger', kind: 'reaction', mid: id });
    expect((await graph.post('me/messages', send(from, 'again'))).status).toBe(200);
    expect(meta.sent().map(({ text }) => text)).toEqual(['in time', 'by a person', 'again']);
  });

  it('is refused to strangers, to who cannot be reached, and when it makes no sense', async () => {
    const graph = await set();
    const { from } = meta.inbound({ channel: 'messenger', from: { name: 'Gone', unreachable: true } });
    expect(code(await graph.post('me/messages', send('24', 'hi')))).toEqual([400, 100, 2018001]);
    expect(code(await graph.post('me/messages', send(from, 'hi')))).toEqual([400, 551, 1545041]);
    expect(code(await graph.post('me/messages', send(from, 'x'.repeat(2001))))).toEqual([400, 100, undefined]);
    expect(code(await graph.post('me/messages', { recipient: { id: from } }))).toEqual([400, 100, undefined]);
    expect(
      code(await graph.post('me/messages', send(from, 'x', { messaging_type: 'MESSAGE_TAG', tag: 'NEWS' }))),
    ).toEqual([400, 100, undefined]);
    expect(meta.sent()).toEqual([]);
  });

  it('can be found again by listing, when the answer was lost', async () => {
    const graph = await set();
    const { from } = meta.inbound({ channel: 'messenger', text: 'hi' });
    clock.time += 1000;
    meta.faults.add({ where: 'api', kind: 'no_answer_after_accept', times: 1 });
    await expect(graph.post('me/messages', send(from, 'sent or not?'))).rejects.toThrow();
    const found = await graph.get(
      `${PAGE}/conversations?platform=messenger&user_id=${from}&fields=updated_time,messages.limit(5){id,message,from,to,created_time}`,
    );
    const [thread] = found.body.data as { id: string; messages: { data: Record<string, unknown>[] } }[];
    expect(thread?.messages.data[0]).toEqual({
      id: meta.sent()[0]?.id,
      message: 'sent or not?',
      from: { name: 'Harbour Outdoor', id: PAGE },
      to: { data: [{ name: 'Nora Lind', id: from }] },
      created_time: new Date(clock.now()).toISOString().replace('.000Z', '+0000'),
    });
    const one = await graph.get(`${thread?.id}/messages?limit=1&fields=message`);
    const next = (one.body['paging'] as { next: string }).next;
    expect([one.body.data.length, one.body.data[0]?.['message']]).toEqual([1, 'sent or not?']);
    const rest = (await (await fetch(next)).json()) as { data: { message: string }[]; paging: { next?: string } };
    expect([rest.data.map(({ message }) => message), rest.paging.next]).toEqual([['hi'], undefined]);
    expect((await graph.get(`${meta.sent()[0]?.id}?fields=message`)).body['message']).toBe('sent or not?');
  });

  it('is read back as profile and page', async () => {
    const graph = await set();
    const { from } = meta.inbound({ channel: 'messenger', from: { name: 'Ida Moe' } });
    const profile = await graph.get(`${from}?fields=first_name,last_name,profile_pic`);
    expect(profile.body).toMatchObject({ first_name: 'Ida', last_name: 'Moe', id: from });
    expect((await fetch(String(profile.body['profile_pic']))).status).toBe(200);
    expect((await graph.get('me')).body).toEqual({ name: 'Harbour Outdoor', id: PAGE });
    expect((await graph.get(`${PAGE}?fields=id,instagram_business_account{id,username}`)).body).toEqual({
      id: PAGE,
      instagram_business_account: { id: '17841402276019334', username: 'harbour.outdoor' },
    });
    expect(code(await graph.get('99887766'))).toEqual([400, 100, 33]);
    expect(code(await graph.get(`${PAGE}?fields=colour`))).toEqual([400, 100, undefined]);
  });
});
