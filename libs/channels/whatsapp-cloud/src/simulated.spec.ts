import { SendUncertain, type Deliver } from '@fanin/connector-kit';
import { mediaRef } from '@fanin/meta';
import { demoApp } from '@fanin/simulators/meta';
import { context, run, type Running } from './testing/running.js';
import { configFor, PHONE_ID, TOKEN } from './testing/simulated-number.js';

const ago = (hours: number): string => new Date(Date.now() - hours * 3_600_000).toISOString();

let running: Running;
afterEach(() => running.close());

const subscribe = (): Promise<void> =>
  running.number.meta.configure({
    app: demoApp.id,
    webhooks: { whatsapp_business_account: running.door.urlOf('shop') },
  });
const deliver = (): Deliver => running.instance.deliver as Deliver;
const lastSent = () => running.number.meta.sent().at(-1);

describe('a reply by WhatsApp', () => {
  beforeEach(async () => {
    running = await run({ apps: [{ ...demoApp, requireProof: true }], receipts: { read: true } });
    await subscribe();
  });

  it('quotes what it answers, carries our id, and its statuses name it', async () => {
    const reply = await running.number.freshReply();
    expect(await deliver().send(reply, context)).toEqual({ status: 'sent', providerMessageId: lastSent()?.id });
    expect(lastSent()).toMatchObject({ text: reply.text, reply_to: reply.in_reply_to });
    await running.number.meta.idle();
    const receipts = (await running.door.normalised('shop')).flatMap((each) => each.receipts ?? []);
    expect(receipts.map(({ status }) => status).sort()).toEqual(['delivered', 'read', 'sent']);
    for (const receipt of receipts) expect(receipt).toMatchObject({ outbound_id: reply.outbound_id, code: null });
  });

  it('is refused by our clock after 24 hours, unless it is a template', async () => {
    const { from } = running.number.meta.inbound({ channel: 'whatsapp', text: 'hi', at: ago(25) });
    const late = running.number.replyTo(from, ago(25));
    expect(await deliver().send(late, context)).toMatchObject({
      status: 'failed',
      code: 'UNSUPPORTED',
      reason: expect.stringMatching(/customer_service/),
    });
    expect(running.number.meta.sent()).toHaveLength(0);
    const template = { id: 'reopen_conversation', language: 'de', variables: { '1': 'Mia' } };
    expect(await deliver().send({ ...late, template }, context)).toMatchObject({ status: 'sent' });
    expect(lastSent()).toMatchObject({ kind: 'template' });
    await running.number.meta.idle();
  });

  it.each([
    ['unknown', { id: 'nothing', language: 'de', variables: {} }, /132001/],
    ['wrongly filled', { id: 'reopen_conversation', language: 'de', variables: {} }, /132000/],
    ['paused', { id: 'paused_offer', language: 'en', variables: {} }, /132015/],
  ])('says what is wrong with a template that is %s', async (_, template, reason) => {
    const reply = await running.number.freshReply();
    await expect(deliver().send({ ...reply, template }, context)).rejects.toMatchObject({
      code: 'BAD_PAYLOAD',
      message: expect.stringMatching(reason),
    });
  });

  it('is told failed by a status when WhatsApp’s clock says otherwise', async () => {
    const { from } = running.number.meta.inbound({ channel: 'whatsapp', text: 'hi', at: ago(25) });
    const reply = running.number.replyTo(from, ago(23));
    expect(await deliver().send(reply, context)).toMatchObject({ status: 'sent' });
    await running.number.meta.idle();
    const failed = (await running.door.normalised('shop'))
      .flatMap((each) => each.receipts ?? [])
      .find(({ status }) => status === 'failed');
    expect(failed).toMatchObject({
      outbound_id: reply.outbound_id,
      code: 'UNSUPPORTED',
      reason: expect.stringMatching(/131047/),
    });
  });

  it('whose answer is lost is left open, and settled by its statuses', async () => {
    const reply = await running.number.freshReply();
    running.number.meta.faults.add({ where: 'api', kind: 'no_answer_after_accept', times: 1 });
    await expect(deliver().send(reply, context)).rejects.toBeInstanceOf(SendUncertain);
    await running.number.meta.idle();
    const receipts = (await running.door.normalised('shop')).flatMap((each) => each.receipts ?? []);
    expect(receipts).toEqual(
      expect.arrayContaining([
        expect.objectContaining({
          outbound_id: reply.outbound_id,
          status: 'sent',
          provider_message_id: lastSent()?.id,
        }),
      ]),
    );
  });

  it('is tried again after a throttle and after a fault that Meta owns up to', async () => {
    const reply = await running.number.freshReply();
    running.number.meta.faults.add({ where: 'api', kind: 'status', status: 429, times: 1 });
    await expect(deliver().send(reply, context)).rejects.toMatchObject({ code: 'RATE_LIMITED' });
    running.number.meta.faults.add({ where: 'api', kind: 'status', status: 503, times: 1 });
    await expect(deliver().send(reply, context)).rejects.toMatchObject({ code: 'TRANSIENT' });
    expect(await deliver().send(reply, context)).toMatchObject({ status: 'sent' });
    expect(running.number.meta.sent()).toHaveLength(1);
    await running.number.meta.idle();
  });
});

describe('files', () => {
  it('are fetched anew when the address has just ended, and gone when the id is', async () => {
    running = await run({ mediaUrlTtlMs: 60_000 });
    const content = Buffer.from('a voice');
    const attachment = await running.number.document(content);
    running.number.meta.faults.add({ where: 'media', kind: 'status', status: 404, times: 1 });
    const fetched = await running.instance.media?.fetch(attachment, context);
    expect(fetched?.content.equals(content)).toBe(true);
    await running.number.meta.configure({ media_url_ttl_ms: -1_000 });
    await expect(running.instance.media?.fetch(attachment, context)).rejects.toMatchObject({
      code: 'BAD_PAYLOAD',
      message: expect.stringMatching(/gone/),
    });
    await running.number.meta.configure({ tokens: { [TOKEN]: 'revoked' } });
    await expect(running.instance.media?.fetch({ ...attachment, ref: mediaRef('1') }, context)).rejects.toMatchObject({
      code: 'AUTH',
    });
  });
});

describe('messages of every kind', () => {
  it('come through the webhook with the sender’s number and name', async () => {
    running = await run();
    await subscribe();
    const from = { id: '4915112345678', name: 'Mia Kern' };
    const kinds = [
      'text',
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
    ] as const;
    for (const kind of kinds) running.number.meta.inbound({ channel: 'whatsapp', kind, from, text: 'words' });
    await running.number.meta.idle();
    const all = await running.door.normalised('shop');
    expect(all.flatMap(({ rejected = [] }) => rejected)).toEqual([]);
    const messages = all.flatMap((each) => each.messages);
    expect(messages).toHaveLength(kinds.length);
    for (const message of messages) {
      expect(message.sender).toMatchObject({ kind: 'phone', id: '+4915112345678' });
      expect(message.conversation_key).toBe('whatsapp:+4915112345678:+15550783881');
      expect(message.text !== '' || message.attachments.length > 0).toBe(true);
    }
    expect(messages.filter(({ attachments }) => attachments.length > 0)).toHaveLength(5);
  });
});

describe('two tenants with numbers of one business account', () => {
  const [first] = demoApp.phones ?? [];
  const second = {
    id: '106540352242999',
    wabaId: '102290129340398',
    displayNumber: '15550783999',
    verifiedName: 'Other',
    accessToken: 'EAALrdemoSystemUserToken106540352242999',
  };
  const apps = [{ ...demoApp, phones: [...(first === undefined ? [] : [first]), second] }];

  it('see nothing of each other, though their changes stand in one entry', async () => {
    running = await run({ apps });
    const config = {
      ...configFor(running.number.meta.url),
      phone_number_id: second.id,
      access_token: second.accessToken,
    };
    running.add('other', config);
    await subscribe();
    const change = (id: string, number: string, wamid: string, body: string): unknown => ({
      field: 'messages',
      value: {
        messaging_product: 'whatsapp',
        metadata: { display_phone_number: number, phone_number_id: id },
        messages: [{ from: '4915112345678', id: wamid, timestamp: '1763712930', type: 'text', text: { body } }],
      },
    });
    const changes = [
      change(PHONE_ID, '15550783881', 'wamid.1', 'for the shop'),
      change(second.id, '15550783999', 'wamid.2', 'a secret'),
    ];
    running.number.meta.raw({ object: 'whatsapp_business_account', entry: [{ id: second.wabaId, changes }] });
    await running.number.meta.idle();
    const bodies = running.door.stored.map(({ accountId, delivery }) => [accountId, delivery.body.toString('utf8')]);
    expect(bodies.map(([id]) => id).sort()).toEqual(['other', 'shop']);
    for (const [id, body] of bodies) expect(body).not.toMatch(id === 'shop' ? /a secret/ : /for the shop/);
    const texts = async (id: string): Promise<string[]> =>
      (await running.door.normalised(id)).flatMap(({ messages }) => messages.map(({ text }) => text));
    expect([await texts('shop'), await texts('other')]).toEqual([['for the shop'], ['a secret']]);
  });
});
