import { randomUUID } from 'node:crypto';
import {
  CLOSED_NUMBER,
  CLOSED_PHONE,
  Customers,
  newNumber,
  nextOpening,
  until,
  type MessageView,
  type SystemUnderTest,
  type TicketView,
} from '@fanin/trials';

type Twilio = SystemUnderTest['vendors']['twilio']['simulator'];

/** Calls: whatever the caller does and in whatever order Twilio tells it, one call is one ticket. */
export function describePhoneCalls(system: () => SystemUnderTest): void {
  const twilio = (): Twilio => system().vendors.twilio.simulator;
  const customers = new Customers(() => system().api.a, 'phone');

  /** Rings, waits until Twilio has told everything and nothing is on the way; answers the one ticket. */
  async function ring(script: Omit<Parameters<Twilio['call']>[0], 'from'>): Promise<TicketView> {
    const from = newNumber();
    const { call_sid: sid } = twilio().call({ from, ...script });
    await twilio().idle();
    const { ticket } = await customers.withMessage(from, ({ provider_message_id: id }) => id === sid);
    await message(ticket, ({ flags, amends }) => amends?.change === 'call_ended' || flags.includes('missed_call'));
    expect(await customers.ticketsOf(from)).toHaveLength(1);
    return ticket;
  }
  const message = (ticket: TicketView, fits: (message: MessageView) => boolean): Promise<MessageView> =>
    system().api.a.message(ticket.id, fits, 30_000);
  const current = (ticket: TicketView): Promise<TicketView> => system().api.a.get(`/tickets/${ticket.id}`);

  describe('phone: calls', () => {
    afterEach(() => twilio().faults.clear());

    it('a missed call is a ticket that says so', async () => {
      const ticket = await ring({ dial: 'no-answer', hangs_up_during: 'Gather' });
      const call = await message(ticket, ({ text, kind }) => kind === 'public' && /^Missed call from \+1/.test(text));
      expect(call).toMatchObject({ direction: 'inbound', from: { kind: 'phone' }, channel: 'phone' });
      expect(call.text).toContain('nobody picked up');
      const end = await message(ticket, ({ amends }) => amends?.change === 'call_ended');
      expect(Math.abs(Date.parse(end.provider_time ?? '') - Date.now())).toBeLessThan(600_000);
    }, 60_000);

    it.each([
      ['as they come', {}, []],
      ['the recording last', { recording_ready_after_ms: 1_500 }, ['/voice/recording']],
      ['the transcript late', { transcription_after_ms: 1_000 }, ['/voice/recording', '/voice/status']],
      [
        'each behind the next',
        {},
        ['/voice/(recording\\?|transcription|status)', '/voice/(recording\\?|transcription)'],
      ],
    ] as const)(
      'a voicemail is one message with its words and its sound; callbacks: %s',
      async (_, timing, held) => {
        const { api } = system();
        for (const match of held) twilio().faults.add({ where: 'webhook', kind: 'reorder', match, times: 1 });
        twilio().faults.add({
          where: 'webhook',
          kind: 'duplicate',
          match: '/voice/(recording\\?|transcription|status)',
        });
        const words = `Please call me about order ${randomUUID()}`;
        const ticket = await ring({
          dial: 'no-answer',
          speaks_seconds: 12,
          transcription_text: words,
          ...timing,
        });
        const voicemail = await message(
          ticket,
          ({ text, kind, attachments }) => kind === 'public' && text === words && attachments.length === 1,
        );
        expect(voicemail.flags).toEqual(expect.arrayContaining(['voicemail', 'transcribed']));
        expect(voicemail.attachments[0]?.content_type).toBe('audio/mpeg');
        const kept = await api.a.bytes(`/messages/${voicemail.id}/attachments/0`);
        expect(kept.equals(await soundAt(twilio(), voicemail.provider_message_id ?? ''))).toBe(true);
        const same = (await api.a.messages(ticket.id)).filter(({ text, kind }) => kind === 'public' && text === words);
        expect(same).toHaveLength(1);
      },
      60_000,
    );

    it('a ticket stands when transcription or recording fails', async () => {
      const unwritten = await ring({ dial: 'busy', speaks_seconds: 9, transcription: 'failed' });
      const failed = await message(unwritten, ({ flags }) => flags.includes('transcription_failed'));
      expect(failed.text).toBeTruthy();
      const kept = await message(unwritten, ({ attachments }) => attachments.length === 1);
      expect(kept.flags).toContain('voicemail');
      const unheard = await ring({ dial: 'no-answer', speaks_seconds: 9, recording: 'failed', transcription: 'never' });
      const told = await message(unheard, ({ flags }) => flags.includes('recording_failed'));
      expect(told.text).toContain('failed');
    }, 90_000);

    it('a key asks to be called back: a task with its time, done by a person', async () => {
      const { api } = system();
      const before = Date.now();
      const ticket = await ring({ dial: 'no-answer', digits: ['1'] });
      const [task, ...others] = await until('the task', async () => {
        const { tasks } = await current(ticket);
        return tasks.length > 0 && tasks;
      });
      expect(others).toEqual([]);
      expect(task).toMatchObject({ kind: 'callback', done_at: null });
      const due = Date.parse(task?.due_at ?? '');
      expect(due).toBeGreaterThan(before + 29 * 60_000);
      expect(due).toBeLessThan(Date.now() + 31 * 60_000);
      const open = await api.a.get<{ data: readonly TicketView[] }>('/tickets?task=open&limit=200');
      expect(open.data.map(({ id }) => id)).toContain(ticket.id);
      const path = `/api/v1/tickets/${ticket.id}/tasks/${task?.id ?? ''}`;
      expect((await api.a.call('PATCH', path, { body: { done: true } })).status).toBe(200);
      expect((await current(ticket)).tasks).toMatchObject([{ done_at: expect.any(String) as string }]);
    }, 60_000);

    it('an answered call shows who talked and is no message of the customer', async () => {
      const ticket = await ring({ dial: 'answered', talks_seconds: 42 });
      const talk = await message(ticket, ({ direction }) => direction === 'outbound');
      expect(talk.text).toContain('42 seconds');
      expect(talk.flags).toEqual(expect.arrayContaining(['call_answered']));
      const all = await system().api.a.messages(ticket.id);
      expect(all.filter(({ flags }) => flags.includes('missed_call'))).toEqual([]);
    }, 60_000);

    it('outside business hours nobody is rung, and the call-back is due when business opens', async () => {
      const ticket = await ring({ to: CLOSED_NUMBER, dial: 'answered', digits: ['1'] });
      expect(ticket.account_id).toBe(CLOSED_PHONE);
      const call = await message(ticket, ({ kind }) => kind === 'public');
      expect(call.text).toContain('outside business hours');
      const [task] = await until('the task', async () => {
        const { tasks } = await current(ticket);
        return tasks.length > 0 && tasks;
      });
      expect(task?.due_at).toBe(nextOpening(Date.parse(call.received_at)));
      const messages = await system().api.a.messages(ticket.id);
      expect(messages.filter(({ direction }) => direction === 'outbound')).toEqual([]);
    }, 60_000);
  });
}

/** The recording as Twilio hands it out. */
async function soundAt(twilio: Twilio, recordingSid: string): Promise<Buffer> {
  const { account_sid: sid, auth_token: token } = twilio.account;
  const url = `${twilio.url}/api.twilio.com/2010-04-01/Accounts/${sid}/Recordings/${recordingSid}.mp3`;
  const authorization = `Basic ${Buffer.from(`${sid}:${token}`).toString('base64')}`;
  const answer = await fetch(url, { headers: { authorization } });
  if (answer.status !== 200) throw new Error(`${url}: ${answer.status}`);
  return Buffer.from(await answer.arrayBuffer());
}
