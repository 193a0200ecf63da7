import { randomUUID } from 'node:crypto';
import type { MessageView } from '../spec-support/api-types.js';
import { Customers, newNumber } from '../spec-support/customers.js';
import { fatesAtRest } from '../spec-support/fates-add-up.js';
import { reply } from '../spec-support/replying.js';
import type { SystemUnderTest } from '../spec-support/system.js';
import { until } from '../spec-support/until.js';

type Twilio = SystemUnderTest['vendors']['twilio']['simulator'];

const NUMBERS = 100;
const AWAY_SECONDS = 60;

/**
 * The connector dies while it sends, and stays away for a minute while customers write. What became of the reply under way is
 * looked at with `expectReplyOnce`, later: nobody else may touch it for two minutes.
 */
export function describePhoneOutage(system: () => SystemUnderTest): { expectReplyOnce(): void } {
  const twilio = (): Twilio => system().vendors.twilio.simulator;
  const customers = new Customers(() => system().api.a, 'phone');
  let underWay: { readonly from: string; readonly message: MessageView } | undefined;

  describe('phone: kill -9 while a reply goes out', () => {
    it('100 numbers that wrote meanwhile are 100 tickets at their own times, none twice', async () => {
      const { api } = system();
      const from = newNumber();
      twilio().inbound({ from, body: 'please answer' });
      const ticket = await customers.ticketOf(from);
      const lost = { where: 'api', kind: 'no_answer_after_accept', match: '/Messages\\.json$', times: 1 } as const;
      const fault = twilio().faults.add(lost);
      const message = await reply(api.a, ticket.id, { text: `said in the moment of death ${randomUUID()}` });
      await until(
        'Twilio took it',
        () =>
          twilio()
            .faults.list()
            .find(({ id }) => id === fault)?.fired === 1,
      );
      await system().kill('phone-connector');
      underWay = { from, message };
      twilio().faults.clear();

      const now = Math.floor(Date.now() / 1000) * 1000;
      const written = new Map<string, string>();
      for (let n = 0; n < NUMBERS; n += 1) {
        const number = newNumber();
        const at = new Date(now - ((NUMBERS - n) * AWAY_SECONDS * 1000) / NUMBERS).toISOString().slice(0, 19);
        written.set(number, `${at}.000Z`);
        twilio().inbound({ from: number, body: `missed ${n}`, at: `${at}Z` });
      }
      const byWhatsApp = newNumber();
      twilio().inbound({ channel: 'whatsapp', from: byWhatsApp, body: 'missed, too' });
      const caller = newNumber();
      twilio().call({ from: caller });
      await twilio().idle();
      await system().revive('phone-connector');

      const mine = new Set([...written.keys(), byWhatsApp, caller]);
      const found = await until(
        'all that was missed',
        async () => {
          const some = (await customers.all()).filter(({ author }) => mine.has(author));
          return some.length >= mine.size && some;
        },
        90_000,
      );
      expect(found.map(({ author }) => author).sort()).toEqual([...mine].sort());
      await fatesAtRest(api.a, 'phone');
      for (const { id, author } of found) {
        const messages = await api.a.messages(id);
        const at = written.get(author);
        if (at === undefined) continue;
        expect(messages.map(({ provider_time: time, direction }) => [time, direction])).toEqual([[at, 'inbound']]);
      }
      const calls = await api.a.messages(found.find(({ author }) => author === caller)?.id ?? '');
      expect(calls.some(({ text }) => /missed call/i.test(text))).toBe(true);
    }, 180_000);
  });

  return {
    expectReplyOnce() {
      it('phone: the reply under way at the kill went out once, and the ticket knows', async () => {
        if (underWay === undefined) throw new Error('there was no kill');
        const { from, message } = underWay;
        const end = await system().api.a.message(
          message.ticket_id,
          ({ id, delivery }) => id === message.id && ['sent', 'delivered', 'unknown'].includes(delivery?.status ?? ''),
          150_000,
        );
        // Twilio lists what it took: the connector can say.
        expect(end.delivery?.status).not.toBe('unknown');
        const sent = twilio()
          .sentMessages()
          .filter(({ to }) => to === from);
        expect(sent.map(({ body, sid }) => [body, sid])).toEqual([[message.text, end.provider_message_id]]);
      }, 180_000);
    },
  };
}
