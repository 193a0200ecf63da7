import { createHash } from 'node:crypto';
import type { MetaSimulatorOptions } from './index.js';
import type { WhatsappInbound } from './index.js';
import { code, graphClient } from './testing/graph-client.js';
import { started } from './testing/started.js';
import type { Started } from './testing/started.js';

const PHONE = '106540352242922';
const TOKEN = 'EAALrdemoSystemUserToken106540352242922';
const IDA = '4791234567';
let all: Started;

async function set(options: MetaSimulatorOptions = {}) {
  all = await started(options);
  return { ...all, graph: graphClient(all.meta, TOKEN) };
}

interface Value {
  contacts: unknown[];
  messages: Record<string, unknown>[];
  statuses: Record<string, unknown>[];
}
const values = (): Value[] => all.ours.items().map((item) => item['value'] as Value);
const messages = () => values().flatMap((value) => value.messages ?? []);
const statuses = () => values().flatMap((value) => value.statuses ?? []);
const text = (body: string, more: object = {}) => ({
  messaging_product: 'whatsapp',
  to: IDA,
  type: 'text',
  text: { body },
  ...more,
});

afterEach(() => all.close());

describe('what customers send by WhatsApp', () => {
  it('comes with number, contact and time in seconds', async () => {
    const { meta, ours } = await set();
    const sent = meta.inbound({
      channel: 'whatsapp',
      from: { id: IDA, name: 'Ida Moe' },
      text: 'Hei',
      at: '2026-11-22T08:00:00.900Z',
    });
    await meta.idle();
    expect(ours.posted[0]?.body).toEqual({
      object: 'whatsapp_business_account',
      entry: [
        {
          id: '102290129340398',
          changes: [
            {
              value: {
                messaging_product: 'whatsapp',
                metadata: { display_phone_number: '15550783881', phone_number_id: PHONE },
                contacts: [{ profile: { name: 'Ida Moe' }, wa_id: IDA }],
                messages: [
                  {
                    from: IDA,
                    id: sent.id,
                    type: 'text',
                    text: { body: 'Hei' },
                    timestamp: `${Date.UTC(2026, 10, 22, 8) / 1000}`,
                  },
                ],
              },
              field: 'messages',
            },
          ],
        },
      ],
    });
    expect(sent.id).toMatch(/^wamid\.[A-Za-z0-9+/]+=*$/);
  });

  it('may be of every kind', async () => {
    const { meta } = await set();
    const kinds: WhatsappInbound['kind'][] = [
      'image',
      'audio',
      'document',
      'video',
      'sticker',
      'location',
      'contacts',
      'interactive',
      'button',
      'system',
      'unsupported',
      'order',
    ];
    const { id } = meta.inbound({ channel: 'whatsapp', from: IDA, text: 'Hei' });
    for (const kind of kinds) meta.inbound({ channel: 'whatsapp', from: IDA, ...(kind === undefined ? {} : { kind }) });
    meta.inbound({ channel: 'whatsapp', from: IDA, kind: 'reaction', mid: id, emoji: '🎉' });
    meta.inbound({
      channel: 'whatsapp',
      from: IDA,
      kind: 'interactive',
      interactive: { id: 'a', title: 'A', description: 'b', list: true },
      context: id,
    });
    await meta.idle();
    const byType = new Map(messages().map((message) => [message['type'], message]));
    expect([...byType.keys()].sort()).toEqual([...kinds, 'reaction', 'text'].sort());
    for (const [type, message] of byType) expect(message).toHaveProperty(String(type));
    expect(byType.get('reaction')).toMatchObject({ reaction: { message_id: id, emoji: '🎉' } });
    expect(byType.get('unsupported')).toMatchObject({ errors: [{ code: 131051, title: 'Message type unknown' }] });
    expect(byType.get('system')).toMatchObject({ system: { type: 'user_changed_number', wa_id: '16315550199' } });
    expect(messages()).toContainEqual(
      expect.objectContaining({
        context: { from: '15550783881', id },
        interactive: { type: 'list_reply', list_reply: { id: 'a', title: 'A', description: 'b' } },
      }),
    );
  });

  it('has media by id, at a link that lives 5 minutes and wants the bearer', async () => {
    const { meta, clock, graph } = await set();
    const base64 = Buffer.from('%PDF-1.7 order').toString('base64');
    meta.inbound({
      channel: 'whatsapp',
      from: IDA,
      kind: 'document',
      caption: 'my order',
      file: { base64, filename: 'order.pdf', mime: 'application/pdf' },
    });
    await meta.idle();
    const document = messages()[0]?.['document'] as { id: string; sha256: string; url: string };
    expect(document).toMatchObject({ caption: 'my order', filename: 'order.pdf', mime_type: 'application/pdf' });
    expect(document.sha256).toBe(createHash('sha256').update('%PDF-1.7 order').digest('base64'));
    const media = await graph.get(document.id);
    expect(media.body).toMatchObject({
      messaging_product: 'whatsapp',
      mime_type: 'application/pdf',
      file_size: 14,
      id: document.id,
    });
    const url = String(media.body['url']);
    const headers = { authorization: `Bearer ${TOKEN}` };
    expect(await (await fetch(url, { headers })).text()).toBe('%PDF-1.7 order');
    expect((await fetch(url)).status).toBe(401);
    clock.time += 300_000;
    expect((await fetch(url, { headers })).status).toBe(404);
    const again = String((await graph.get(document.id)).body['url']);
    expect((await fetch(again, { headers })).status).toBe(200);
    expect(code(await graph.get(`${document.id}?phone_number_id=1`))).toEqual([400, 100, 33]);
    clock.time += 7 * 86_400_000;
    expect(code(await graph.get(document.id))).toEqual([400, 100, 33]);
  });
});

describe('what we send by WhatsApp', () => {
  it('is taken, reported on with our own data, quoted, and read back in sent()', async () => {
    const { meta, graph } = await set({ receipts: { read: true } });
    const { id } = meta.inbound({ channel: 'whatsapp', from: IDA, text: 'Hei' });
    const more = { context: { message_id: id }, biz_opaque_callback_data: 'intent-7' };
    const answer = await graph.post(`${PHONE}/messages`, text('Hei Ida', more));
    const [made] = answer.body['messages'] as unknown as { id: string }[];
    expect(answer.body).toMatchObject({ messaging_product: 'whatsapp', contacts: [{ input: IDA, wa_id: IDA }] });
    await meta.idle();
    expect(statuses().map((status) => status['status'])).toEqual(expect.arrayContaining(['sent', 'delivered', 'read']));
    expect(
      statuses().every(
        (status) =>
          status['id'] === made?.id &&
          status['biz_opaque_callback_data'] === 'intent-7' &&
          status['recipient_id'] === IDA,
      ),
    ).toBe(true);
    expect(meta.sent()).toMatchObject([
      {
        id: made?.id,
        channel: 'whatsapp',
        account_id: PHONE,
        to: IDA,
        text: 'Hei Ida',
        reply_to: id,
        biz_opaque_callback_data: 'intent-7',
      },
    ]);
    const read = { messaging_product: 'whatsapp', status: 'read', message_id: id };
    expect((await graph.post(`${PHONE}/messages`, read)).body).toEqual({ success: true });
    expect(code(await graph.post(`${PHONE}/messages`, { ...read, message_id: 'wamid.x' }))).toEqual([
      400,
      131009,
      undefined,
    ]);
  });

  it('outside 24 hours fails by webhook with 131047, or at once where so configured', async () => {
    const { meta, clock, graph } = await set();
    meta.inbound({ channel: 'whatsapp', from: IDA, text: 'Hei' });
    clock.time += 86_400_001;
    expect((await graph.post(`${PHONE}/messages`, text('late'))).status).toBe(200);
    await meta.idle();
    expect(statuses()).toMatchObject([
      { status: 'failed', errors: [{ code: 131047, title: 'Re-engagement message' }] },
    ]);
    await meta.configure({ whatsapp_window: 'refuse' });
    const refused = await graph.post(`${PHONE}/messages`, text('late'));
    expect(code(refused)).toEqual([400, 131047, undefined]);
    expect(refused.body.error.error_data?.details).toContain('24 hours');
    expect(meta.sent()).toHaveLength(1);
  });

  it('may be a template at any time, if it exists, is not paused, and has its parameters', async () => {
    const { meta, graph } = await set();
    const template = (name: string, count: number, language = 'en') => {
      const parameters = Array.from({ length: count }, () => ({ type: 'text', text: 'Ida' }));
      return {
        messaging_product: 'whatsapp',
        to: IDA,
        type: 'template',
        template: { name, language: { code: language }, components: [{ type: 'body', parameters }] },
      };
    };
    const good = await graph.post(`${PHONE}/messages`, template('reopen_conversation', 1));
    expect(good.body['messages']).toMatchObject([{ message_status: 'accepted' }]);
    expect(code(await graph.post(`${PHONE}/messages`, template('reopen_conversation', 2)))).toEqual([
      400,
      132000,
      undefined,
    ]);
    expect(code(await graph.post(`${PHONE}/messages`, template('reopen_conversation', 1, 'fr')))).toEqual([
      404,
      132001,
      undefined,
    ]);
    expect(code(await graph.post(`${PHONE}/messages`, template('paused_offer', 0)))).toEqual([400, 132015, undefined]);
    await meta.idle();
    expect(meta.sent()).toMatchObject([{ kind: 'template', to: IDA }]);
    expect(
      statuses()
        .map((status) => status['status'])
        .sort(),
    ).toEqual(['delivered', 'sent']);
  });

  it('may be media that was uploaded, not media that was not', async () => {
    const { meta, graph } = await set();
    meta.inbound({ channel: 'whatsapp', from: IDA, text: 'Hei' });
    const form = new FormData();
    form.set('messaging_product', 'whatsapp');
    form.set('type', 'application/pdf');
    form.set('file', new File(['%PDF-1.4'], 'label.pdf', { type: 'application/pdf' }));
    const headers = { authorization: `Bearer ${TOKEN}` };
    const { id } = (await (
      await fetch(`${meta.url}/v25.0/${PHONE}/media`, { method: 'POST', headers, body: form })
    ).json()) as { id: string };
    const document = (media: string) => ({
      messaging_product: 'whatsapp',
      to: IDA,
      type: 'document',
      document: { id: media, filename: 'label.pdf', caption: 'Your label' },
    });
    expect((await graph.post(`${PHONE}/messages`, document(id))).status).toBe(200);
    expect(meta.sent()).toMatchObject([
      { text: 'Your label', attachments: [{ type: 'document', id, bytes: 8, filename: 'label.pdf' }] },
    ]);
    expect((await graph.remove(id)).body).toEqual({ success: true });
    expect(code(await graph.post(`${PHONE}/messages`, document(id)))).toEqual([400, 131053, undefined]);
  });

  it('to who is not on WhatsApp is reported undeliverable; nonsense is refused at once', async () => {
    const { meta, graph } = await set();
    meta.inbound({ channel: 'whatsapp', from: { id: IDA, unreachable: true }, text: 'Hei' });
    await graph.post(`${PHONE}/messages`, text('hello?'));
    await meta.idle();
    expect(statuses()).toMatchObject([{ status: 'failed', errors: [{ code: 131026 }] }]);
    expect(code(await graph.post(`${PHONE}/messages`, { ...text('x'), messaging_product: undefined }))).toEqual([
      400,
      100,
      undefined,
    ]);
    expect(code(await graph.post(`${PHONE}/messages`, text('x', { to: 'Ida' })))).toEqual([400, 131009, undefined]);
    expect(code(await graph.post(`${PHONE}/messages`, text('', { type: 'audio' })))).toEqual([400, 131008, undefined]);
  });

  it('can be reported on by hand, in any order', async () => {
    const { meta, graph } = await set({ receipts: { delivered: false } });
    meta.inbound({ channel: 'whatsapp', from: IDA, text: 'Hei' });
    await graph.post(`${PHONE}/messages`, text('Hei', { biz_opaque_callback_data: 'x1' }));
    const mid = meta.sent()[0]?.id ?? '';
    meta.inbound({ channel: 'whatsapp', kind: 'status', mid, status: 'read' });
    meta.inbound({
      channel: 'whatsapp',
      kind: 'status',
      mid,
      status: 'failed',
      error: { code: 131000, title: 'Something went wrong' },
    });
    await meta.idle();
    expect(
      statuses()
        .map((status) => [status['status'], status['recipient_id'], status['biz_opaque_callback_data']])
        .sort(),
    ).toEqual([
      ['failed', IDA, 'x1'],
      ['read', IDA, 'x1'],
    ]);
  });

  it('is about a number whose details can be read', async () => {
    const { graph } = await set();
    expect((await graph.get(`${PHONE}?fields=verified_name`)).body).toEqual({
      verified_name: 'Harbour Outdoor',
      id: PHONE,
    });
    expect((await graph.get('102290129340398/phone_numbers')).body.data).toMatchObject([
      { id: PHONE, display_phone_number: '15550783881' },
    ]);
    expect((await graph.get('102290129340398/message_templates')).body.data).toHaveLength(3);
  });
});
