import { SendUncertain, type ReceiptDraft } from '@fanin/connector-kit';
import { replyTo, startSystem, type System } from './spec-support.js';

const CUSTOMER = '+12025550111';
const context = { signal: AbortSignal.timeout(60_000), attachment: () => Promise.reject(new Error('there is none')) };
let system: System;

beforeEach(async () => void (system = await startSystem()));
afterEach(() => system.close());

function receipts(): readonly ReceiptDraft[] {
  return system.taken.flatMap(({ normalised }) => normalised.receipts ?? []);
}

async function question(more: { channel?: 'sms' | 'whatsapp'; at?: string } = {}) {
  system.simulator.inbound({ from: CUSTOMER, body: 'Where is my order?', ...more });
  await system.simulator.idle();
  const [message] = system.messages();
  if (message === undefined) throw new Error('no message came');
  return message;
}

it('takes an SMS and answers nothing', async () => {
  const message = await question();
  expect(message).toMatchObject({ text: 'Where is my order?', conversation_key: `sms:${CUSTOMER}:+12025550100` });
  expect(system.simulator.sent()).toEqual([]);
  expect(system.simulator.alerts()).toEqual([]);
});

it.each(['simulator', 'vendor'] as const)('fetches the files of an MMS whose links say the %s', async (links) => {
  system.simulator.configure({ links });
  const bytes = Buffer.from('a picture, nearly');
  const media = [{ content_type: 'image/png', bytes }];
  system.simulator.inbound({ from: CUSTOMER, media, media_ready_after_ms: 500 });
  await system.simulator.idle();
  const [attachment] = system.messages()[0]?.attachments ?? [];
  if (attachment === undefined || !('ref' in attachment)) throw new Error('no attachment');
  const fetched = await system.instance.media?.fetch(attachment, { signal: AbortSignal.timeout(10_000) });
  expect(fetched?.content.equals(bytes)).toBe(true);
});

it('replies from the number that the customer wrote to, and hears what became of it', async () => {
  const reply = replyTo(await question());
  const outcome = await system.instance.deliver?.send(reply, context);
  await system.simulator.idle();
  const [sent, ...others] = system.simulator.sentMessages();
  expect(others).toEqual([]);
  expect(outcome).toEqual({ status: 'sent', providerMessageId: sent?.sid });
  expect(sent).toMatchObject({ from: '+12025550100', to: CUSTOMER, body: reply.text });
  const said = receipts();
  expect(said.map(({ status }) => status)).toContain('delivered');
  expect(said.every((receipt) => receipt.outbound_id === reply.outbound_id)).toBe(true);
});

it('sends a template to WhatsApp after the window, and no free words', async () => {
  const message = await question({ channel: 'whatsapp' });
  expect(message.reply_windows).toHaveLength(2);
  const late = { ...message.provider_fields, window_until: '2020-01-01T00:00:00.000Z' };
  const refused = await system.instance.deliver?.send(replyTo(message, { provider_fields: late }), context);
  expect(refused).toMatchObject({ status: 'failed', code: 'UNSUPPORTED' });
  const template = { id: system.simulator.account.templates[0]?.sid ?? '', variables: { '1': 'Ada' } };
  const sent = await system.instance.deliver?.send(replyTo(message, { provider_fields: late, template }), context);
  expect(sent).toMatchObject({ status: 'sent' });
  expect(system.simulator.sentMessages()).toMatchObject([
    { to: `whatsapp:${CUSTOMER}`, content_sid: template.id, body: 'Hello Ada, we have an answer to your question.' },
  ]);
});

it('keeps STOP, says what Twilio says when a reply is refused, and keeps START', async () => {
  const message = await question();
  system.simulator.inbound({ from: CUSTOMER, body: 'Stop' });
  await system.simulator.idle();
  const outcome = await system.instance.deliver?.send(replyTo(message), context);
  expect(outcome).toMatchObject({ status: 'failed', code: 'UNSUPPORTED', reason: expect.stringContaining('21610') });
  system.simulator.inbound({ from: CUSTOMER, body: 'START' });
  await system.simulator.idle();
  const consents = system.taken.flatMap(({ normalised }) => normalised.consents ?? []);
  expect(consents.map(({ state }) => state)).toEqual(['opted_out', 'opted_in']);
  expect(system.messages().map(({ flags }) => flags)).toEqual([[], ['opt_out'], ['opt_in']]);
});

it.each([
  ['its answer never came', { kind: 'no_answer_after_accept' as const }, 'sent'],
  ['Twilio failed (500)', { kind: 'status' as const, status: 500 }, 'absent'],
])('finds out by listing what became of a reply when %s', async (_, fault, status) => {
  const reply = replyTo(await question());
  system.simulator.faults.add({ where: 'api', match: 'Messages', times: 1, ...fault });
  await expect(system.instance.deliver?.send(reply, context)).rejects.toBeInstanceOf(SendUncertain);
  const since = new Date(Date.now() - 120_000);
  const found = await system.instance.deliver?.reconcile?.(reply, { signal: context.signal, since, known: new Set() });
  expect(found?.status).toBe(status);
});

it('does not believe in absence while the list may be behind', async () => {
  const reply = replyTo(await question());
  const asked = system.instance.deliver?.reconcile?.(reply, {
    signal: context.signal,
    since: new Date(),
    known: new Set(),
  });
  await expect(asked).rejects.toMatchObject({ code: 'TRANSIENT' });
});

it('works with the secondary token while the primary one is replaced', async () => {
  const second = await startSystem({
    config: { auth_token: 'a-token-that-is-not-yet-valid', secondary_auth_token: system.simulator.account.auth_token },
  });
  try {
    await second.instance.connection?.check(AbortSignal.timeout(5000));
    second.simulator.inbound({ from: CUSTOMER, body: 'Signed with the old token' });
    await second.simulator.idle();
    expect(second.messages()).toHaveLength(1);
  } finally {
    await second.close();
  }
});
