import { CUSTOMER, setUp } from './spec-support/setup.js';
import type { Setup } from './spec-support/setup.js';
import { startVoiceApp } from './spec-support/voice-app.js';
import type { VoiceApp } from './spec-support/voice-app.js';

let setup: Setup;
afterEach(() => setup.close());

const play = async (app: VoiceApp): Promise<Setup> => (setup = await startVoiceApp(app));
const formAt = (path: string) => setup.receiver.at(path)[0]?.form;

describe('a voice application that misbehaves', () => {
  it('loops when Record has no action, and is stopped', async () => {
    const { simulator, receiver } = await play({ '/voice': (_request, response) => void response.record({}) });
    simulator.configure({ max_documents: 5 });
    simulator.call({ from: CUSTOMER, speaks_seconds: 3 });
    await simulator.idle();
    expect(receiver.at('/voice')).toHaveLength(5);
    expect(simulator.alerts()).toMatchObject([{ error_code: 12400 }]);
  });

  it('fails over to the fallback, else the caller hears an error; the call is in the list', async () => {
    const { simulator, receiver, client, number } = await play({
      '/fallback': (_request, response) => void response.say('Please call again'),
    });
    const down = `${receiver.url}/down`;
    simulator.configure({ numbers: [{ phone_number: number, voice_url: 'http://127.0.0.1:1/voice' }] });
    simulator.call({ from: CUSTOMER });
    await simulator.idle();
    expect(simulator.deliveries().filter((each) => each.kind === 'voice')).toHaveLength(2);
    expect(simulator.calls()[0]?.events.map((event) => event.verb)).toEqual(['application_error', 'end']);
    simulator.configure({
      numbers: [{ phone_number: number, voice_url: down, voice_fallback_url: `${receiver.url}/fallback` }],
    });
    simulator.faults.add({ where: 'webhook', kind: 'status', status: 502, match: '^/down' });
    simulator.call({ from: CUSTOMER });
    await simulator.idle();
    expect(formAt('/fallback')).toMatchObject({ ErrorCode: '11200', ErrorUrl: down });
    expect(simulator.calls()[1]?.events[0]).toMatchObject({ verb: 'Say', text: 'Please call again' });
    expect(await client.calls.list({ from: CUSTOMER })).toHaveLength(2);
  });

  it('is told of a document that is no XML', async () => {
    setup = await setUp((request) => (request.path === '/voice' ? { body: '<Response><Say>a & b</Say>' } : undefined));
    setup.simulator.call({ from: CUSTOMER });
    await setup.simulator.idle();
    expect(setup.simulator.alerts()).toMatchObject([{ error_code: 12100 }]);
    expect(formAt('/call-status')?.['CallStatus']).toBe('completed');
  });

  it('may refuse the call', async () => {
    const { simulator } = await play({ '/voice': (_request, response) => void response.reject({ reason: 'busy' }) });
    simulator.call({ from: CUSTOMER });
    await simulator.idle();
    expect(formAt('/call-status')).toMatchObject({ CallStatus: 'busy', CallDuration: '0' });
  });
});

describe('a call that our side makes', () => {
  const app: VoiceApp = { '/back': (_request, response) => void response.say('You asked us to call') };

  it('plays the document and tells the states asked for, in order', async () => {
    const { simulator, receiver, client, number } = await play(app);
    const made = await client.calls.create({
      to: CUSTOMER,
      from: number,
      url: `${receiver.url}/back`,
      statusCallback: `${receiver.url}/progress`,
      statusCallbackEvent: ['initiated', 'ringing', 'answered', 'completed'],
    });
    expect(made).toMatchObject({ status: 'queued', direction: 'outbound-api' });
    await simulator.idle();
    const progress = receiver.at('/progress').map((each) => [each.form['CallStatus'], each.form['SequenceNumber']]);
    expect(progress).toEqual([
      ['queued', '0'],
      ['ringing', '1'],
      ['in-progress', '2'],
      ['completed', '3'],
    ]);
    expect(formAt('/back')).toMatchObject({ Direction: 'outbound-api', CallStatus: 'in-progress', To: CUSTOMER });
    expect(simulator.sent()).toMatchObject([
      { kind: 'call', sid: made.sid, events: [{ verb: 'Say' }, { verb: 'end' }] },
    ]);
  });

  it('is not answered, or refused, as the plan and the numbers say', async () => {
    const { simulator, receiver, client, number } = await play(app);
    simulator.configure({ answer_plan: { answer: 'busy' } });
    const statusCallback = `${receiver.url}/progress`;
    const made = await client.calls.create({ to: CUSTOMER, from: number, twiml: '<Response/>', statusCallback });
    await simulator.idle();
    expect(formAt('/progress')).toMatchObject({ CallSid: made.sid, CallStatus: 'busy' });
    const codeOf = (fields: object) =>
      client.calls.create({ to: CUSTOMER, from: number, url: `${receiver.url}/back`, ...fields }).then(
        () => undefined,
        (error: { code?: number }) => error.code,
      );
    expect(await codeOf({ to: '12' })).toBe(21211);
    expect(await codeOf({ from: '+12025550199' })).toBe(21210);
    expect(await codeOf({ url: 'nonsense' })).toBe(21205);
  });
});

describe('calls in the list', () => {
  it('are filtered by the time they began, and come with their pages', async () => {
    const { simulator, client } = await play({});
    for (let index = 0; index < 12; index += 1) simulator.call({ from: CUSTOMER });
    await simulator.idle();
    expect(new Set((await client.calls.list({ pageSize: 5 })).map((call) => call.sid)).size).toBe(12);
    const hourAgo = new Date(Date.now() - 3_600_000);
    expect(await client.calls.list({ startTimeAfter: hourAgo })).toHaveLength(12);
    expect(await client.calls.list({ startTimeBefore: hourAgo })).toHaveLength(0);
    const at = '2026-11-01T08:00:00.000Z';
    const missed = simulator.call({ from: CUSTOMER, at, webhook: false });
    await simulator.idle();
    const [old] = await client.calls.list({ startTimeBefore: hourAgo });
    expect(old).toMatchObject({
      sid: missed.call_sid,
      status: 'completed',
      startTime: new Date(at),
      endTime: new Date(at),
    });
  });
});
