import type { ReceiptDraft } from '@fanin/connector-kit';
import { createSystemClock } from '@fanin/kernel';
import { replyTo, startSystem, type System } from './spec-support.js';

let system: System;
beforeEach(async () => void (system = await startSystem()));
afterEach(() => system.close());

const numberOf = (at: number): string => `+1202555${String(1000 + at)}`;
const MINUTE_MS = 60_000;

it('finds the messages of 100 numbers that came while it was stopped, once, at their own times', async () => {
  await system.reconcile();
  await system.stop();
  const began = Date.now() - 90 * MINUTE_MS;
  const sids: string[] = [];
  for (let at = 0; at < 100; at += 1) {
    const made = system.simulator.inbound({
      from: numberOf(at),
      body: `Question ${at}`,
      at: new Date(began + at * 1000).toISOString(),
      ...(at % 10 === 0 ? { media: [{ content_type: 'image/png', text: 'picture' }] } : {}),
    });
    sids.push(made.message_sid);
  }
  await system.simulator.idle();
  expect(system.taken).toEqual([]);

  const fresh = await startSystemOn(system);
  await fresh.reconcile();
  await fresh.reconcile();
  const messages = fresh.messages();
  expect(messages.map((message) => message.provider_message_id)).toEqual(sids);
  expect(new Set(messages.map((message) => message.conversation_key)).size).toBe(100);
  expect(messages.filter(({ attachments }) => attachments.length === 1)).toHaveLength(10);
  for (const [at, message] of messages.entries())
    expect(Date.parse(message.provider_time ?? '')).toBe(Math.floor((began + at * 1000) / 1000) * 1000);
  await fresh.stop();
  await fresh.instance.close();
});

/** Another process over the same account, as after a restart. */
async function startSystemOn({ simulator }: System): Promise<System> {
  const other = await startSystem({
    config: {
      account_sid: simulator.account.account_sid,
      auth_token: simulator.account.auth_token,
      api_url: simulator.url,
    },
  });
  await other.simulator.close();
  return other;
}

it('reads every page of a long list', async () => {
  for (let at = 0; at < 450; at += 1) system.simulator.inbound({ from: numberOf(at), body: 'Hello', webhook: false });
  await system.reconcile();
  expect(system.messages()).toHaveLength(450);
});

it('asks again after a page that failed, and passes nothing by', async () => {
  for (let at = 0; at < 300; at += 1) system.simulator.inbound({ from: numberOf(at), body: 'Hello', webhook: false });
  system.simulator.faults.add({ where: 'api', kind: 'status', status: 503, match: 'PageToken', times: 1 });
  await expect(system.reconcile()).rejects.toMatchObject({ code: 'TRANSIENT' });
  await system.reconcile();
  expect(system.messages()).toHaveLength(300);
});

it('takes in by the list what the log refused at the door', async () => {
  let woken = 0;
  system.instance.reconcile?.onWake?.(() => void (woken += 1));
  system.breakLog(true);
  system.simulator.inbound({ from: numberOf(1), body: 'The log is away' });
  await system.simulator.idle();
  expect(system.messages()).toEqual([]);
  system.breakLog(false);
  system.simulator.inbound({ from: numberOf(2), body: 'The log is back' });
  await system.simulator.idle();
  expect(woken).toBe(1);
  await system.reconcile();
  expect(system.messages().map(({ text }) => text)).toEqual(['The log is back', 'The log is away']);
});

it.each([60 * MINUTE_MS, 24 * 60 * MINUTE_MS])(
  'is not blind for as long as its clock ran ahead (%i ms)',
  async (ms) => {
    await system.close();
    const real = createSystemClock();
    let aheadMs = ms;
    system = await startSystem({ clock: { ...real, now: () => real.now() + aheadMs } });
    await system.reconcile();
    aheadMs = 0;
    system.breakLog(true);
    system.simulator.inbound({ from: numberOf(1), body: 'While the clock ran ahead' });
    const { call_sid: sid } = system.simulator.call({ from: numberOf(2) });
    await system.simulator.idle();
    expect(system.messages()).toEqual([]);
    system.breakLog(false);
    await system.reconcile();
    expect(system.messages().map(({ text, conversation_key: key }) => (key === `call:${sid}` ? key : text))).toEqual(
      expect.arrayContaining(['While the clock ran ahead', `call:${sid}`]),
    );
  },
);

it('makes no second message of what both doors bring, in whatever order', async () => {
  system.simulator.faults.add({ where: 'webhook', kind: 'duplicate' });
  for (let at = 0; at < 20; at += 1) system.simulator.inbound({ from: numberOf(at), body: `Message ${at}` });
  await system.reconcile();
  await system.simulator.idle();
  await system.reconcile();
  expect(system.messages()).toHaveLength(20);
});

it('files calls that nobody answered while it was stopped as missed', async () => {
  await system.stop();
  const { call_sid: sid } = system.simulator.call({ from: '+12025550111' });
  await system.simulator.idle();
  const fresh = await startSystemOn(system);
  await fresh.reconcile();
  expect(fresh.messages().map(({ provider_message_id: id, conversation_key: key }) => [id, key])).toEqual(
    expect.arrayContaining([
      [sid, `call:${sid}`],
      [`${sid}:missed`, `call:${sid}`],
    ]),
  );
  await fresh.stop();
  await fresh.instance.close();
});

const context = { signal: AbortSignal.timeout(60_000), attachment: () => Promise.reject(new Error('there is none')) };
const receiptsOf = ({ taken }: System): readonly ReceiptDraft[] =>
  taken.flatMap(({ normalised }) => normalised.receipts ?? []);

/** Answers a customer; the callbacks of that answer are lost on the way. */
async function replyUnheard(from: string): Promise<string> {
  system.simulator.inbound({ from, body: 'Where is my order?' });
  await system.simulator.idle();
  system.simulator.faults.add({ where: 'webhook', kind: 'drop', match: '/status' });
  const question = system.messages().at(-1);
  if (question === undefined) throw new Error('no message came');
  const outcome = await system.instance.deliver?.send(replyTo(question), context);
  if (outcome?.status !== 'sent') throw new Error(JSON.stringify(outcome));
  await system.simulator.idle();
  expect(receiptsOf(system).some(({ provider_message_id: sid }) => sid === outcome.providerMessageId)).toBe(false);
  return outcome.providerMessageId ?? '';
}

it('learns from the list what became of replies whose callbacks never came', async () => {
  const failing = numberOf(2);
  const steps = [{ status: 'undelivered' as const, after_ms: 0, error_code: 30006 }];
  system.simulator.configure({ status_plan_for: { [failing]: steps } });
  await system.reconcile();
  const delivered = await replyUnheard(numberOf(1));
  const failed = await replyUnheard(failing);
  await system.reconcile();
  const told = { outbound_id: null, at: expect.any(String) as string };
  expect(receiptsOf(system)).toHaveLength(2);
  expect(receiptsOf(system)).toEqual(
    expect.arrayContaining([
      { ...told, provider_message_id: delivered, status: 'delivered', code: null, reason: null },
      {
        ...told,
        provider_message_id: failed,
        status: 'failed',
        code: 'BAD_PAYLOAD',
        reason: expect.stringContaining('30006'),
      },
    ]),
  );
});

it('finds after a restart what became of a reply sent before it', async () => {
  const sid = await replyUnheard(numberOf(1));
  await system.stop();
  const fresh = await startSystemOn(system);
  try {
    await fresh.reconcile();
    expect(receiptsOf(fresh)).toMatchObject([{ provider_message_id: sid, status: 'delivered' }]);
  } finally {
    await fresh.stop();
    await fresh.instance.close();
  }
});
