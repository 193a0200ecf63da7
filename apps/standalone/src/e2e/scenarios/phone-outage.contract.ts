import { randomUUID } from 'node:crypto';
import { Customers, fatesAtRest, newNumber, reply, until, type MessageView, type SystemUnderTest } from '@fanin/trials';
import type { Outage } from './connectors-killed.contract.js';

type Twilio = SystemUnderTest['vendors']['twilio']['simulator'];

const NUMBERS = 100;
const AWAY_SECONDS = 60;

/** Customers who write and call while nobody listens: Twilio tells of them once, and never again. */
export function phoneOutage(system: () => SystemUnderTest): Outage {
  const twilio = (): Twilio => system().vendors.twilio.simulator;
  const customers = new Customers(() => system().api.a, 'phone');
  let underWay: { readonly from: string; readonly message: MessageView } | undefined;
  /** Numbers, and when they wrote. */
  const written = new Map<string, string>();
  const byWhatsApp = newNumber();
  const caller = newNumber();

  return {
    what: `${NUMBERS} numbers, a WhatsApp and a call are tickets at their own times, none twice`,
    async begin() {
      const { api } = system();
      const from = newNumber();
      twilio().inbound({ from, body: 'please answer' });
      const ticket = await customers.ticketOf(from);
      const lost = { where: 'api', kind: 'no_answer_after_accept', match: '/Messages\\.json$', times: 1 } as const;
      const fault = twilio().faults.add(lost);
      const message = await reply(api.a, ticket.id, { text: `said in the moment of death ${randomUUID()}` });
      underWay = { from, message };
      const taken = (): boolean =>
        twilio()
          .faults.list()
          .find(({ id }) => id === fault)?.fired === 1;
      await until('Twilio took it', taken);
    },
    async meanwhile() {
      twilio().faults.clear();
      const now = Math.floor(Date.now() / 1000) * 1000;
      for (let n = 0; n < NUMBERS; n += 1) {
        const number = newNumber();
        // Twilio's lists tell whole seconds.
        const second = Math.floor((now - ((NUMBERS - n) * AWAY_SECONDS * 1000) / NUMBERS) / 1000);
        const at = new Date(second * 1000).toISOString();
        written.set(number, at);
        twilio().inbound({ from: number, body: `missed ${n}`, at });
      }
      twilio().inbound({ channel: 'whatsapp', from: byWhatsApp, body: 'missed, too' });
      twilio().call({ from: caller });
      await twilio().idle();
    },
    async afterwards() {
      const { api } = system();
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
        const at = written.get(author);
        if (at === undefined) continue;
        const messages = await api.a.messages(id);
        expect(messages.map(({ provider_time: time, direction }) => [time, direction])).toEqual([[at, 'inbound']]);
      }
      const calls = await api.a.messages(found.find(({ author }) => author === caller)?.id ?? '');
      expect(calls.some(({ text }) => /missed call/i.test(text))).toBe(true);
    },
    async replyUnderWay() {
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
    },
  };
}
