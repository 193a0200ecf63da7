import type { FixtureTicket } from './fixture-data.js';

const ines = { kind: 'social', id: 'instagram:17841:998', name: 'Ines Ortiz' };
const shop = { kind: 'agent', id: 'page-shop', name: 'Lamp & Desk' };
const HOUR_MS = 3_600_000;

export const MISSING_FILE =
  'The file "lamp-with-a-crack-in-its-base.jpg" could not be fetched: the provider answered 404 five times, the last at noon';
export const FAILED_RECORDING = 'The recording of a message failed (Twilio 13127).';

/** The windows of a comment: public for ever, private for a while. */
export function windowsOfComment(privateSeconds: number): readonly object[] {
  const open = privateSeconds > 0;
  const until = new Date(Date.now() + privateSeconds * 1000).toISOString();
  return [
    { visibility: 'public', rule: 'comment', sends: 'text', until: null, once: false, open: true, seconds_left: null },
    {
      visibility: 'private',
      rule: 'private_reply',
      sends: 'text',
      until,
      once: true,
      open,
      seconds_left: Math.max(0, privateSeconds),
    },
  ];
}

/** A direct message that may be answered until then, and by a template afterwards when the channel has some. */
export function windowsOfDirect(seconds: number, hasTemplates: boolean): readonly object[] {
  const until = new Date(Date.now() + seconds * 1000).toISOString();
  const text = { visibility: 'private', rule: 'customer_service', sends: 'text', until, once: false };
  const windows = [{ ...text, open: seconds > 0, seconds_left: Math.max(0, seconds) }];
  const template = { ...text, rule: 'template', sends: 'template', until: null, open: true, seconds_left: null };
  return hasTemplates ? [...windows, template] : windows;
}

/** A direct message at Meta: for a day anything may be written, for a week what a person wrote. */
export function windowsOfMessenger(seconds: number): readonly object[] {
  const [standard] = windowsOfDirect(seconds, false);
  const [agent] = windowsOfDirect(seconds + 6 * 24 * 3_600, false);
  return [
    { ...standard, rule: 'standard' },
    { ...agent, rule: 'human_agent' },
  ];
}

/** A call with voicemail, its recording and transcript, and a wish to be called back. */
export function callTicket(ticket: FixtureTicket): FixtureTicket {
  return {
    ...ticket,
    channel: 'phone',
    account_id: 'hotline',
    subject: null,
    tasks: [
      {
        id: 'task-1',
        kind: 'callback',
        due_at: new Date(Date.now() + 2 * HOUR_MS).toISOString(),
        note: '+1 500 555 0010',
        created_at: ticket.created_at,
        done_at: null,
        done_by: null,
      },
    ],
  };
}

/** A comment in public, what became of it, an answer sent with another tool, and a recording with its transcript. */
export function socialMessages(ticket: FixtureTicket): Record<string, unknown>[] {
  const at = (minutes: number): string => new Date(Date.parse(ticket.created_at) + minutes * 60_000).toISOString();
  const base = {
    ticket_id: ticket.id,
    channel: ticket.channel,
    direction: 'inbound',
    kind: 'public',
    from: ines,
    to: [],
    subject: null,
    html: null,
    quoted_text: null,
    attachments: [],
    provider_message_id: null,
    provider_time: at(0),
    threading: { rule: 'conversation_key', evidence: null },
    flags: [],
    visibility: 'public',
    reactions: [],
    amends: null,
    template: null,
    delivery: null,
  };
  const told = (
    id: string,
    change: string,
    value: string | null,
    flags: readonly string[],
    text: string,
  ): Record<string, unknown> => ({
    ...base,
    id,
    kind: 'event',
    text,
    received_at: at(10),
    visibility: null,
    flags,
    amends: { message_id: 's6', change, value, earlier_text: null },
  });
  const delivery = (status: string): object => ({
    status,
    provider_message_id: null,
    code: null,
    reason: null,
    at: at(9),
  });
  return [
    {
      ...base,
      id: 's1',
      text: 'Is the blue lamp dimmable?',
      received_at: at(0),
      flags: ['edited'],
      reactions: [{ value: '❤️', from: { kind: 'social', id: 'x', name: 'Noor' }, at: at(2) }],
    },
    {
      ...base,
      id: 's2',
      kind: 'event',
      text: 'Is the blue lamp dimmable?',
      received_at: at(1),
      visibility: null,
      amends: { message_id: 's1', change: 'edited', value: null, earlier_text: 'Is the lamp dimable?' },
    },
    {
      ...base,
      id: 's3',
      direction: 'outbound',
      from: shop,
      text: 'It is! Any dimmer will do.',
      received_at: at(3),
      flags: ['sent_elsewhere'],
      delivery: delivery('sent'),
    },
    { ...base, id: 's4', text: '', received_at: at(4), flags: ['deleted'] },
    {
      ...base,
      id: 's5',
      direction: 'outbound',
      from: { kind: 'agent', id: 'ada', name: 'Ada' },
      text: 'I have sent you the data sheet.',
      received_at: at(5),
      visibility: 'private',
      delivery: delivery('unknown'),
    },
    {
      ...base,
      id: 's6',
      text: 'Hello, this is Ines, please call me back about the lamp.',
      received_at: at(7),
      visibility: 'private',
      flags: ['transcribed'],
      attachments: [{ name: 'recording.wav', content_type: 'audio/wav', size: 844, sha256: 'd'.repeat(64) }],
    },
    {
      ...base,
      id: 's7',
      kind: 'event',
      text: 'Words of a message that has not come.',
      received_at: at(8),
      visibility: null,
      amends: { message_id: 'elsewhere', change: 'edited', value: null, earlier_text: null },
    },
    told('s8', 'attachments_added', null, ['attachment_missing'], MISSING_FILE),
    told('s9', 'recording_failed', null, ['call', 'recording_failed'], FAILED_RECORDING),
    told('s10', 'call_ended', '63', ['call'], 'The call ended after 63 seconds.'),
    told('s11', 'attachments_added', null, ['attachment_late'], ''),
  ];
}
