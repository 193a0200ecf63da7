import type { MessageDraft } from '@fanin/connector-kit';
import { createSystemClock, type Clock } from '@fanin/kernel';
import { startSystem, type System, type SystemOptions } from './spec-support.js';

const CALLER = '+12025550111';
const AGENT = '+493012345678';
const calendar = {
  time_zone: 'Europe/Berlin',
  weekly: [{ days: ['mon', 'tue', 'wed', 'thu', 'fri'], open: ['09:00-18:00'] }],
};
/** A Monday and a Saturday, ten in the morning in Berlin. */
const MONDAY = Date.parse('2026-11-23T09:00:00Z');
const SATURDAY = Date.parse('2026-11-21T09:00:00Z');

function clockAt(time: number): Clock {
  const begin = performance.now();
  return { ...createSystemClock(), now: () => time + Math.floor(performance.now() - begin) };
}

let system: System | undefined;
afterEach(async () => {
  await system?.close();
  system = undefined;
});

async function start(time: number, voice: object = {}, more: SystemOptions = {}): Promise<System> {
  system = await startSystem({
    config: { voice: { calendar, agents: [AGENT], ...voice } },
    clock: clockAt(time),
    ...more,
  });
  return system;
}

type Script = Parameters<System['simulator']['call']>[0];

async function call(on: System, script: Omit<Script, 'from'> & { from?: string } = {}): Promise<string> {
  const { call_sid: sid } = on.simulator.call({ from: CALLER, ...script });
  await on.simulator.idle();
  // One call, one ticket: nothing of it may lie elsewhere.
  expect(new Set(on.messages().map(({ conversation_key: key }) => key))).toEqual(new Set([`call:${sid}`]));
  // Twilio warns of recordings too short to be written down; that is not ours.
  expect(on.simulator.alerts().filter(({ error_code: code }) => code !== 13617)).toEqual([]);
  return sid;
}

const byFlag = (on: System, flag: string): MessageDraft | undefined =>
  on.messages().find(({ flags }) => flags.includes(flag));
const verbs = (on: System): unknown[] => on.simulator.calls()[0]?.events.map(({ verb }) => verb) ?? [];

it('connects callers to agents in business hours', async () => {
  const on = await start(MONDAY);
  const sid = await call(on, { dial: 'answered', talks_seconds: 42 });
  expect(verbs(on)).toEqual(['Say', 'Dial', 'Hangup', 'end']);
  expect(on.messages()[0]).toMatchObject({ provider_message_id: sid, sender: { id: CALLER } });
  expect(byFlag(on, 'call_answered')).toMatchObject({ author: 'account', text: expect.stringContaining('42 seconds') });
  expect(byFlag(on, 'missed_call')).toBeUndefined();
});

it('takes a voicemail when nobody picks up, with its words', async () => {
  const on = await start(MONDAY);
  const sid = await call(on, {
    dial: 'no-answer',
    speaks_seconds: 12,
    transcription_text: 'Please call me about order 1001.',
  });
  const missed = byFlag(on, 'missed_call');
  expect(missed).toMatchObject({
    provider_message_id: `${sid}:missed`,
    text: expect.stringContaining('nobody picked up'),
  });
  expect(missed?.amends).toBeUndefined();
  const voicemail = byFlag(on, 'voicemail');
  expect(voicemail).toMatchObject({ text: 'Voicemail of 12 seconds.', sender: { id: CALLER } });
  expect(byFlag(on, 'transcribed')).toMatchObject({
    text: 'Please call me about order 1001.',
    amends: { provider_message_id: voicemail?.provider_message_id, change: 'transcribed' },
  });
  const [recording] = voicemail?.attachments ?? [];
  if (recording === undefined || !('ref' in recording)) throw new Error('no recording');
  const fetched = await on.instance.media?.fetch(recording, { signal: AbortSignal.timeout(10_000) });
  expect(fetched?.contentType).toBe('audio/mpeg');
  expect(fetched?.content.length).toBeGreaterThan(100);
});

it('rings nobody outside business hours', async () => {
  const on = await start(SATURDAY);
  await call(on, { speaks_seconds: 5 });
  expect(verbs(on)).not.toContain('Dial');
  expect(byFlag(on, 'out_of_hours')).toBeDefined();
  expect(byFlag(on, 'voicemail')).toBeDefined();
});

it.each([
  ['when business opens', SATURDAY, '2026-11-23T08:00:'],
  ['half an hour of business time from now', MONDAY, '2026-11-23T09:30:'],
])('makes a task of a call-back: %s', async (_, time, due) => {
  const on = await start(time);
  await call(on, { digits: ['1'] });
  expect(byFlag(on, 'callback_requested')?.task).toMatchObject({
    kind: 'callback',
    due_at: expect.stringContaining(due),
    note: CALLER,
  });
  expect(byFlag(on, 'voicemail')).toBeUndefined();
  // The ticket is named after its first message.
  expect(on.messages()[0]?.text).toMatch(/^Call /);
  expect(on.messages().some(({ amends }) => amends?.change === 'edited')).toBe(false);
});

it.each([
  ['the recording fails', { recording: 'failed' as const }],
  ['the recording is never heard of again', { recording: 'never' as const }],
  ['the transcription fails', { transcription: 'failed' as const }],
  ['the transcription never comes', { transcription: 'never' as const }],
  ['the caller says nothing', { speaks_seconds: 0 }],
  ['the caller hangs up during the greeting', { hangs_up_during: 'Say' }],
  ['the caller hangs up while it rings', { hangs_up_during: 'Dial' }],
  ['the caller hangs up while speaking', { hangs_up_during: 'Record' }],
])('keeps the ticket when %s', async (_, script) => {
  const on = await start(MONDAY);
  const sid = await call(on, script);
  expect(on.messages()[0]?.provider_message_id).toBe(sid);
  await on.reconcile();
  expect(byFlag(on, 'missed_call')).toBeDefined();
  expect(new Set(on.messages().map(({ conversation_key: key }) => key))).toEqual(new Set([`call:${sid}`]));
});

it('takes the callbacks of a call in any order', async () => {
  const on = await start(MONDAY);
  on.simulator.faults.add({ where: 'webhook', kind: 'delay', delayMs: 300, match: 'recording' });
  await call(on, { speaks_seconds: 9, transcription_text: 'First the words.' });
  const kinds = on.taken.map(({ delivery }) => delivery.meta['kind']);
  expect(kinds.indexOf('transcription')).toBeGreaterThanOrEqual(0);
  expect(byFlag(on, 'transcribed')?.amends?.provider_message_id).toBe(byFlag(on, 'voicemail')?.provider_message_id);
});

it('speaks the language of the number, and writes down English only', async () => {
  const on = await start(SATURDAY, {
    prompts: [{ language: 'de', closed: 'Wir sind <gerade> nicht da & schlafen.' }],
    language: 'de-DE',
  });
  const { capture } = on.instance;
  if (capture.shape !== 'webhook') throw new Error('not a webhook');
  const body = Buffer.from(`CallSid=CA00000000000000000000000000000001&From=%2B12025550111&To=%2B12025550100`);
  const request = {
    method: 'POST',
    url: 'https://fanin.example/hooks/phone/voice',
    path: '/voice',
    query: {},
    headers: {},
    body,
  };
  const answer = await capture.receive(request, () => Promise.resolve(['delivery-1']));
  expect(answer.body).toContain('language="de-DE"');
  expect(answer.body).toContain('Wir sind &lt;gerade&gt; nicht da &amp; schlafen.');
  expect(answer.body).not.toContain('transcribe');
});

it('refuses calls, and files them, where no voice is configured', async () => {
  system = await startSystem();
  await call(system);
  expect(verbs(system)).toEqual(['Reject', 'end']);
  expect(byFlag(system, 'missed_call')).toBeDefined();
});

it.each([
  [{ language: 'fr-FR' }, 'no built-in text for fr-FR'],
  [{ calendar: { time_zone: 'Mars/Olympus', weekly: [] } }, 'no IANA time zone'],
])('does not start with %j', async (voice, message) => {
  await expect(start(MONDAY, voice)).rejects.toThrow(message);
});
