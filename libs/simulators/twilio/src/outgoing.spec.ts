import twilio from 'twilio';
import { CUSTOMER, setUp } from './spec-support/setup.js';
import type { Setup } from './spec-support/setup.js';

let setup: Setup;
afterEach(() => setup.close());

const codeOf = (work: Promise<unknown>) =>
  work.then(
    () => undefined,
    (error: { code?: number }) => error.code,
  );

describe('status callbacks', () => {
  it('come signed, one for each status but the one it was created with', async () => {
    setup = await setUp();
    const { simulator, receiver, client, number } = setup;
    const statusCallback = `${receiver.url}/status?id=1`;
    const made = await client.messages.create({ to: CUSTOMER, from: number, body: 'x', statusCallback });
    await simulator.idle();
    const hooks = receiver.at('/status');
    expect(hooks.map((each) => each.form['MessageStatus'])).toEqual(['sent', 'delivered']);
    const { auth_token: token } = simulator.account;
    for (const hook of hooks) {
      expect(hook.form['MessageSid']).toBe(made.sid);
      expect(twilio.validateRequest(token, `${hook.headers['x-twilio-signature']}`, hook.url, hook.form)).toBe(true);
    }
  });

  it('tell queued to those who send through a messaging service', async () => {
    setup = await setUp();
    const { simulator, receiver, client } = setup;
    const messagingServiceSid = simulator.account.messaging_services[0]?.sid ?? '';
    const statusCallback = `${receiver.url}/status`;
    const made = await client.messages.create({ to: CUSTOMER, messagingServiceSid, body: 'x', statusCallback });
    await simulator.idle();
    const told = receiver.at('/status').map((each) => each.form['MessageStatus']);
    expect([made.status, ...told]).toEqual(['accepted', 'queued', 'sent', 'delivered']);
  });

  it('tell failures with their code, by recipient', async () => {
    setup = await setUp();
    const { simulator, receiver, client, number } = setup;
    simulator.configure({
      status_plan_for: {
        [CUSTOMER]: [
          { status: 'sent', after_ms: 0 },
          { status: 'undelivered', after_ms: 5, error_code: 30003 },
        ],
      },
    });
    const statusCallback = `${receiver.url}/status`;
    const made = await client.messages.create({ to: CUSTOMER, from: number, body: 'x', statusCallback });
    await simulator.idle();
    expect(receiver.at('/status').at(-1)?.form).toMatchObject({ MessageStatus: 'undelivered', ErrorCode: '30003' });
    expect(await client.messages(made.sid).fetch()).toMatchObject({ status: 'undelivered', errorCode: 30003 });
  });

  it('are doubled and reordered by faults', async () => {
    setup = await setUp();
    const { simulator, receiver, client, number } = setup;
    simulator.faults.add({ where: 'webhook', kind: 'reorder', times: 1, match: '^/status' });
    simulator.faults.add({ where: 'webhook', kind: 'duplicate', times: 1, match: '^/status' });
    const statusCallback = `${receiver.url}/status`;
    await client.messages.create({ to: CUSTOMER, from: number, body: 'x', statusCallback });
    await simulator.idle();
    expect(receiver.at('/status').map((each) => each.form['MessageStatus'])).toEqual([
      'delivered',
      'delivered',
      'sent',
    ]);
  });
});

describe('media of our side', () => {
  it('are fetched when that is on, and a message whose media cannot be had fails', async () => {
    setup = await setUp((request) =>
      request.path === '/file' ? { type: 'image/png', body: 'png' } : { status: request.path === '/gone' ? 404 : 200 },
    );
    const { simulator, receiver, client, number } = setup;
    simulator.configure({ fetch_media: true });
    const send = (path: string) =>
      client.messages.create({ to: CUSTOMER, from: number, mediaUrl: [`${receiver.url}${path}`] });
    const good = await send('/file');
    const bad = await send('/gone');
    await simulator.idle();
    expect((await client.messages(good.sid).media.list()).map((each) => each.contentType)).toEqual(['image/png']);
    expect(await client.messages(good.sid).fetch()).toMatchObject({ status: 'delivered', numMedia: '1' });
    expect(await client.messages(bad.sid).fetch()).toMatchObject({ status: 'failed', errorCode: 12300 });
  });
});

describe('opting out', () => {
  it.each(['STOP', ' stop ', 'Unsubscribe', 'END', 'quit', 'STOPALL', 'REVOKE', 'OPTOUT', 'CANCEL'])(
    'by %p: later sends fail with 21610 until START, Twilio answers by itself',
    async (word) => {
      setup = await setUp();
      const { simulator, receiver, client, number } = setup;
      const send = () => codeOf(client.messages.create({ to: CUSTOMER, from: number, body: 'x' }));
      simulator.inbound({ from: CUSTOMER, body: word });
      await simulator.idle();
      expect(receiver.at('/sms')[0]?.form['Body']).toBe(word);
      expect(await send()).toBe(21610);
      expect(simulator.sentMessages()).toEqual([]);
      expect(simulator.messages().map((each) => each.direction)).toEqual(['inbound', 'outbound-reply']);
      simulator.inbound({ from: CUSTOMER, body: 'start' });
      expect(await send()).toBeUndefined();
    },
  );

  it('counts for one pair only, needs the word alone, and does not exist on WhatsApp', async () => {
    setup = await setUp();
    const { simulator, client, number } = setup;
    simulator.inbound({ from: CUSTOMER, body: 'STOP' });
    simulator.inbound({ from: '+12025550112', body: 'please stop' });
    simulator.inbound({ channel: 'whatsapp', from: '+12025550113', body: 'STOP' });
    const send = (to: string, from = number) => codeOf(client.messages.create({ to, from, body: 'x' }));
    expect(await send(CUSTOMER)).toBe(21610);
    expect(await send('+12025550112')).toBeUndefined();
    expect(await send('whatsapp:+12025550113', `whatsapp:${number}`)).toBeUndefined();
  });

  it('is told as OptOutType where Advanced Opt-Out is on', async () => {
    setup = await setUp();
    const { simulator, receiver } = setup;
    const [service] = simulator.account.messaging_services;
    if (service === undefined) throw new Error('no messaging service');
    simulator.configure({ messaging_services: [{ ...service, advanced_opt_out: true }] });
    simulator.inbound({ from: CUSTOMER, body: 'Help' });
    await simulator.idle();
    expect(receiver.at('/sms')[0]?.form).toMatchObject({ OptOutType: 'HELP', MessagingServiceSid: service.sid });
  });
});

describe('the WhatsApp window', () => {
  const DAY_MS = 86_400_000;
  const start = async () => {
    const clock = { nowMs: Date.UTC(2026, 10, 1), now: () => clock.nowMs, sleep: () => Promise.resolve() };
    setup = await setUp(undefined, { clock });
    const { client, number, simulator, receiver } = setup;
    const send = (fields: object) =>
      client.messages.create({
        to: `whatsapp:${CUSTOMER}`,
        from: `whatsapp:${number}`,
        statusCallback: `${receiver.url}/status`,
        ...fields,
      });
    return { clock, send, simulator, receiver };
  };

  it('is open for 24 hours after the person wrote; read is told', async () => {
    const { clock, send, simulator, receiver } = await start();
    simulator.inbound({ channel: 'whatsapp', from: CUSTOMER, body: 'hi' });
    clock.nowMs += DAY_MS;
    await send({ body: 'in time' });
    await simulator.idle();
    expect(receiver.at('/status').map((each) => each.form['MessageStatus'])).toContain('read');
  });

  it('closed: free-form text is taken, and fails with 63016; a template goes through', async () => {
    const { clock, send, simulator, receiver } = await start();
    simulator.inbound({ channel: 'whatsapp', from: CUSTOMER, body: 'hi' });
    clock.nowMs += DAY_MS + 1;
    expect((await send({ body: 'too late' })).status).toBe('queued');
    await simulator.idle();
    expect(receiver.at('/status').at(-1)?.form).toMatchObject({ MessageStatus: 'undelivered', ErrorCode: '63016' });
    const contentSid = simulator.account.templates[0]?.sid;
    const made = await send({ contentSid, contentVariables: '{"1":"Ana"}' });
    await simulator.idle();
    expect(simulator.sentMessages().at(-1)).toMatchObject({
      sid: made.sid,
      body: 'Hello Ana, we have an answer to your question.',
      content_sid: contentSid,
      status: 'read',
    });
  });

  it('closed, can also refuse the call itself', async () => {
    const { send, simulator } = await start();
    simulator.configure({ window_error: 'at_once' });
    expect(await codeOf(send({ body: 'never written' }))).toBe(63016);
    expect(simulator.sent()).toEqual([]);
  });
});
