import twilio from 'twilio';
import { CUSTOMER } from './spec-support/setup.js';
import type { Setup } from './spec-support/setup.js';
import { startVoiceApp } from './spec-support/voice-app.js';
import type { VoiceApp } from './spec-support/voice-app.js';

let setup: Setup;
afterEach(() => setup.close());

const play = async (app: VoiceApp): Promise<Setup> => (setup = await startVoiceApp(app));
const formAt = (path: string) => setup.receiver.at(path)[0]?.form;
const kinds = () => setup.simulator.deliveries().map((each) => each.kind);

const voicemail: VoiceApp = {
  '/voice': (_request, response) => {
    response.say('Please leave a message');
    response.record({
      action: '/recorded',
      maxLength: 119,
      recordingStatusCallback: '/recording',
      recordingStatusCallbackEvent: ['completed', 'absent'],
      transcribe: true,
      transcribeCallback: '/transcript',
    });
    response.say('We heard nothing');
  },
  '/recorded': (_request, response) => {
    response.say('Thank you');
    response.hangup();
  },
};

describe('a call to voicemail', () => {
  it('is recorded, transcribed, and told step by step, each signed', async () => {
    const { simulator, receiver, client, number } = await play(voicemail);
    const { call_sid: sid } = simulator.call({
      from: CUSTOMER,
      speaks_seconds: 12,
      transcription_text: 'It is about order 7',
      caller_name: 'ANA',
      stir_verstat: 'TN-Validation-Passed-A',
    });
    await simulator.idle();
    expect(formAt('/voice')).toMatchObject({
      CallSid: sid,
      From: CUSTOMER,
      To: number,
      CallStatus: 'ringing',
      Direction: 'inbound',
      CallerName: 'ANA',
      StirVerstat: 'TN-Validation-Passed-A',
    });
    const recorded = formAt('/recorded');
    expect(recorded).toMatchObject({ CallSid: sid, CallStatus: 'in-progress', RecordingDuration: '12' });
    expect(formAt('/recording')).toMatchObject({
      CallSid: sid,
      RecordingStatus: 'completed',
      RecordingSid: recorded?.['RecordingSid'],
      RecordingUrl: recorded?.['RecordingUrl'],
      RecordingDuration: '12',
      ErrorCode: '0',
    });
    expect(formAt('/transcript')).toMatchObject({
      CallSid: sid,
      TranscriptionStatus: 'completed',
      TranscriptionText: 'It is about order 7',
      RecordingSid: recorded?.['RecordingSid'],
    });
    const status = formAt('/call-status');
    expect(status).toMatchObject({ CallStatus: 'completed', SequenceNumber: '0', Duration: '1' });
    expect(Number(status?.['CallDuration'])).toBeGreaterThan(12);
    expect(Date.parse(status?.['Timestamp'] ?? '')).toBeGreaterThan(0);
    for (const hook of receiver.received) {
      const signature = `${hook.headers['x-twilio-signature']}`;
      expect(twilio.validateRequest(simulator.account.auth_token, signature, hook.url, hook.form)).toBe(true);
    }
    expect(await client.calls(sid).fetch()).toMatchObject({
      status: 'completed',
      direction: 'inbound',
      from: CUSTOMER,
    });
    const [recording] = await client.recordings.list({ callSid: sid });
    expect(recording).toMatchObject({ status: 'completed', duration: '12', source: 'RecordVerb' });
    const [transcription] = await client.recordings(recording?.sid ?? '').transcriptions.list();
    expect(transcription).toMatchObject({ status: 'completed', transcriptionText: 'It is about order 7' });
  });

  it('leaves real sound behind, for those with credentials', async () => {
    const { simulator } = await play(voicemail);
    simulator.call({ from: CUSTOMER, speaks_seconds: 4 });
    await simulator.idle();
    const url = formAt('/recorded')?.['RecordingUrl'] ?? '';
    const { account_sid: sid, auth_token: token } = simulator.account;
    const headers = { authorization: `Basic ${Buffer.from(`${sid}:${token}`).toString('base64')}` };
    expect((await fetch(`${url}.wav`)).status).toBe(401);
    const wav = await fetch(`${url}.wav`, { headers });
    const wavBytes = Buffer.from(await wav.arrayBuffer());
    expect([wav.headers.get('content-type'), wavBytes.subarray(0, 4).toString()]).toEqual(['audio/x-wav', 'RIFF']);
    expect(wavBytes.length).toBe(44 + 4 * 8000 * 2);
    const mp3 = await fetch(`${url}.mp3`, { headers });
    expect(Buffer.from(await mp3.arrayBuffer()).subarray(0, 2)).toEqual(Buffer.from([0xff, 0xfb]));
    expect((await fetch(`${url}.wav`, { headers, redirect: 'manual' })).status).toBe(302);
  });

  it('with a caller who hangs up while speaking, still asks for the action and tells the rest', async () => {
    const { simulator } = await play(voicemail);
    simulator.call({ from: CUSTOMER, speaks_seconds: 9, ends_recording: 'hangup' });
    await simulator.idle();
    expect(formAt('/recorded')).toMatchObject({ Digits: 'hangup', CallStatus: 'completed', RecordingDuration: '9' });
    expect(kinds().sort()).toEqual(
      ['voice', 'voice.record', 'voice.recording_status', 'voice.status', 'voice.transcription'].sort(),
    );
    const [call] = simulator.calls();
    expect(call?.events.map((event) => event.verb)).toEqual(['Say', 'Record', 'end']);
  });

  it('with silence goes on with the next verb, and tells absent to who asked', async () => {
    const { simulator, receiver } = await play(voicemail);
    simulator.call({ from: CUSTOMER, speaks_seconds: 0 });
    await simulator.idle();
    expect(receiver.at('/recorded')).toHaveLength(0);
    expect(formAt('/recording')).toMatchObject({ RecordingStatus: 'absent' });
    expect(simulator.calls()[0]?.events.at(-2)).toMatchObject({ verb: 'Say', text: 'We heard nothing' });
  });

  it.each([
    [{ recording: 'failed' as const }, 'failed', 'failed'],
    [{ transcription: 'failed' as const }, 'completed', 'failed'],
    [{ speaks_seconds: 2 }, 'completed', 'failed'],
    [{ transcription: 'never' as const }, 'completed', undefined],
    [{ recording: 'never' as const }, undefined, undefined],
  ])('tells what went wrong: %j', async (script, recording, transcription) => {
    const { simulator } = await play(voicemail);
    simulator.call({ from: CUSTOMER, speaks_seconds: 8, ...script });
    await simulator.idle();
    expect(formAt('/recording')?.['RecordingStatus']).toBe(recording);
    expect(formAt('/transcript')?.['TranscriptionStatus']).toBe(transcription);
  });
});

describe('a call to agents', () => {
  const app: VoiceApp = {
    '/voice': (_request, response) => {
      const gather = response.gather({ action: '/menu', numDigits: 1, timeout: 3 });
      gather.say('Press 1 to be called back');
      const dial = response.dial({ action: '/dialled', timeout: 20 });
      dial.number('+12025550120');
      dial.number('+12025550121');
    },
    '/menu': (_request, response) => void response.say('We call you back'),
    '/dialled': (request, response) => {
      if (request.form['DialCallStatus'] === 'completed') response.hangup();
      else response.redirect('/missed');
    },
    '/missed': (_request, response) => void response.say('Nobody is there'),
  };

  it.each([
    ['answered' as const, 'completed', '30'],
    ['no-answer' as const, 'no-answer', undefined],
    ['busy' as const, 'busy', undefined],
    ['failed' as const, 'failed', undefined],
  ])('%s is told to the action', async (dial, status, duration) => {
    const { simulator, receiver, client } = await play(app);
    const { call_sid: sid } = simulator.call({ from: CUSTOMER, dial });
    await simulator.idle();
    expect(receiver.at('/menu')).toHaveLength(0);
    expect(formAt('/dialled')?.['DialCallStatus']).toBe(status);
    expect(formAt('/dialled')?.['DialCallDuration']).toBe(duration);
    expect(receiver.at('/missed')).toHaveLength(dial === 'answered' ? 0 : 1);
    const children = await client.calls.list({ parentCallSid: sid });
    expect(children.map((child) => child.to).sort()).toEqual(['+12025550120', '+12025550121']);
    expect(children.map((child) => child.sid)).toContain(formAt('/dialled')?.['DialCallSid']);
  });

  it('goes where the keys lead', async () => {
    const { simulator, receiver } = await play(app);
    simulator.call({ from: CUSTOMER, digits: ['1'] });
    await simulator.idle();
    expect(formAt('/menu')).toMatchObject({ Digits: '1' });
    expect(receiver.at('/dialled')).toHaveLength(0);
    expect(formAt('/call-status')?.['CallStatus']).toBe('completed');
  });

  it('ends when the caller hangs up in the prompt, or while it rings', async () => {
    const { simulator, receiver } = await play(app);
    simulator.call({ from: CUSTOMER, hangs_up_during: 'Gather' });
    await simulator.idle();
    expect(receiver.received.map((each) => each.path)).toEqual(['/voice', '/call-status']);
    simulator.call({ from: CUSTOMER, hangs_up_at_seconds: 10 });
    await simulator.idle();
    expect(formAt('/dialled')).toMatchObject({ DialCallStatus: 'canceled', CallStatus: 'completed' });
    expect(receiver.at('/call-status')[1]?.form['CallDuration']).toBe('10');
    expect(receiver.at('/missed')).toHaveLength(0);
  });
});

it('keeps the recording of a call that is played elsewhere, once, and nothing that is none', async () => {
  const { simulator, client } = await play(voicemail);
  const recording = { recording_sid: `RE${'5'.repeat(32)}`, call_sid: `CA${'6'.repeat(32)}`, seconds: 7 };
  const keep = async (body: object): Promise<number> =>
    (await fetch(`${simulator.url}/_control/recording`, { method: 'POST', body: JSON.stringify(body) })).status;
  expect([await keep(recording), await keep(recording)]).toEqual([200, 200]);
  expect(await keep({ ...recording, recording_sid: 'RE-none' })).toBe(400);
  const kept = await client.recordings.list();
  expect(kept.map(({ sid, callSid, duration }) => ({ sid, callSid, duration }))).toEqual([
    { sid: recording.recording_sid, callSid: recording.call_sid, duration: '7' },
  ]);
});
