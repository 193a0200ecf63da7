import {
  Customers,
  deadLettersOf,
  delivered,
  fatesAtRest,
  newNumber,
  reply,
  until,
  VENDOR_ACCOUNTS,
  type AccountView,
  type MessageView,
  type SystemUnderTest,
} from '@fanin/trials';
import type { Outage } from './connectors-killed.contract.js';
import { newHandle } from './social-x.contract.js';

type X = SystemUnderTest['vendors']['x']['simulator'];

const MISSED = 20;
const POST = '^/2/tweets$';

/** Customers who write while nobody listens: X tells of them once; polling finds them. */
export function socialXOutage(system: () => SystemUnderTest): Outage {
  const x = (): X => system().vendors.x.simulator;
  const customers = new Customers(() => system().api.a, 'social');
  let underWay: MessageView | undefined;
  /** Authors, and when they wrote. */
  const written = new Map<string, string>();

  return {
    what: `${MISSED} posts and direct messages are there once, at their own times`,
    async begin() {
      const { user_id: id } = x().inbound({ kind: 'mention', from: newHandle(), text: 'please answer' });
      const ticket = await customers.ticketOf(`x:${id}`);
      const fault = x().faults.add({ where: 'api', kind: 'no_answer_after_accept', match: POST, times: 1 });
      underWay = await reply(system().api.a, ticket.id, { text: `said while dying ${ticket.id}` });
      const faultNow = (): number | undefined =>
        x()
          .faults.list()
          .find((each) => each.id === fault)?.fired;
      await until('X took it', () => faultNow() === 1);
    },
    async meanwhile() {
      x().faults.clear();
      for (let n = 0; n < MISSED; n += 1) {
        const kind = n % 2 === 0 ? 'mention' : 'dm';
        const at = Math.floor(Date.now() / 1000) * 1000 - (MISSED - n) * 3_000;
        const { user_id: id } = x().inbound({ kind, from: newHandle(), text: `missed ${n}`, at });
        written.set(`x:${id}`, new Date(at).toISOString());
      }
      await x().idle();
    },
    async afterwards() {
      const { api } = system();
      const found = await until(
        'all that was missed',
        async () => {
          const some = (await customers.all()).filter(({ author }) => written.has(author));
          return some.length >= MISSED && some;
        },
        90_000,
      );
      expect(found.map(({ author }) => author).sort()).toEqual([...written.keys()].sort());
      await fatesAtRest(api.a, 'social');
      for (const { id, author } of found) {
        const times = (await api.a.messages(id)).map(({ provider_time: time }) => time);
        expect(times).toEqual([written.get(author)]);
      }
    },
    async replyUnderWay() {
      if (underWay === undefined) throw new Error('there was no kill');
      const { ticket_id: ticket, text } = underWay;
      const end = await delivered(system().api.a, underWay, 'sent', 150_000);
      const sent = x().sent();
      const ours = sent.filter((each) => each.text?.includes(ticket) === true);
      expect(ours.map(({ id }) => id)).toEqual([end.provider_message_id]);
      expect(ours[0]?.text).toContain(text);
    },
  };
}

/**
 * X's worst days beside the kill. The credits run out first (`expectCapped`): reading rests for a minute then, in which the
 * caller does other things, and `expectRecovered` looks at it again.
 */
export function describeSocialXOutage(system: () => SystemUnderTest): {
  expectCapped(): void;
  expectRecovered(): void;
  describeRest(): void;
} {
  const x = (): X => system().vendors.x.simulator;
  const customers = new Customers(() => system().api.a, 'social');
  const phone = new Customers(() => system().api.a, 'phone');
  const account = async (id: string): Promise<AccountView> => {
    const { data } = await system().api.a.get<{ data: readonly AccountView[] }>('/accounts');
    const found = data.find((each) => each.id === id);
    if (found === undefined) throw new Error(`there is no account ${id}`);
    return found;
  };
  const inState = (state: string, timeoutMs = 30_000): Promise<AccountView> =>
    until(
      `X is ${state}`,
      async () => {
        const found = await account(VENDOR_ACCOUNTS.x);
        return found.state === state && found;
      },
      timeoutMs,
    );
  const mention = (text: string): string => `x:${x().inbound({ kind: 'mention', from: newHandle(), text }).user_id}`;

  function expectCapped(): void {
    it('X: when the credits run out the account says so and when it tries again; what X pushes still comes in', async () => {
      await inState('connected', 60_000);
      x().configure({ credits: 0 });
      try {
        const capped = await inState('degraded');
        expect(capped).toMatchObject({ code: 'RATE_LIMITED', reason: expect.stringMatching(/credits/) as string });
        expect(Date.parse(capped.next_attempt_at ?? '')).toBeGreaterThan(Date.now());
        const author = mention('heard although nobody pays');
        await customers.ticketOf(author);
      } finally {
        x().configure({ credits: null });
      }
    }, 120_000);
  }

  function expectRecovered(): void {
    it('X: reading goes on by itself once there are credits again', async () => {
      const { notices } = await inState('connected', 90_000);
      expect(notices.map(({ message }) => message).join('\n')).toMatch(/X answers again/);
    }, 120_000);
  }

  function describeRest(): void {
    describe('X: worst days', () => {
      afterEach(() => x().faults.clear());

      it('too many requests: degraded until the time that X told, then connected again', async () => {
        await inState('connected', 60_000);
        x().faults.add({ where: 'api', kind: 'status', status: 429, match: '/mentions', delayMs: 3_000, times: 1 });
        const limited = await inState('degraded');
        expect(limited.code).toBe('RATE_LIMITED');
        expect(limited.next_attempt_at).not.toBeNull();
        await inState('connected');
      }, 120_000);

      it('a webhook that X calls invalid is made valid again, and polling loses nothing meanwhile', async () => {
        x().faults.add({ where: 'webhook', kind: 'crc_fail' });
        await x().crcNow();
        expect(
          x()
            .webhooks()
            .map(({ valid }) => valid),
        ).toEqual([false]);
        const author = mention('not pushed to anybody');
        const told = await inState('degraded');
        expect(told.reason).toContain('webhook invalid');
        await customers.ticketOf(author);
        x().faults.clear();
        await until(
          'X calls the webhook valid',
          () =>
            x()
              .webhooks()
              .every(({ valid }) => valid),
          60_000,
        );
        await inState('connected', 60_000);
        expect(await customers.ticketsOf(author)).toHaveLength(1);
      }, 180_000);

      it('a revoked token stops this account alone and tells what to do; repaired, it goes on from its mark', async () => {
        x().faults.add({ where: 'api', kind: 'revoked_token' });
        x().faults.add({ where: 'webhook', kind: 'drop' });
        const stopped = await inState('bad_credentials');
        expect(stopped.action).toMatch(/credentials/);
        expect(stopped.next_attempt_at).not.toBeNull();
        const authors = ['one', 'two'].map((text) => mention(`while nobody reads: ${text}`));
        const number = newNumber();
        system().vendors.twilio.simulator.inbound({ from: number, body: 'the phone still rings' });
        await phone.ticketOf(number);
        expect((await account(VENDOR_ACCOUNTS.phone)).state).toBe('connected');
        for (const author of authors) expect(await customers.ticketsOf(author)).toEqual([]);
        x().faults.clear();
        await inState('connected', 90_000);
        for (const author of authors) await customers.ticketOf(author);
      }, 240_000);

      it('a reply whose answer was lost is found at X and sent once', async () => {
        const { api } = system();
        const ticket = await customers.ticketOf(mention('please answer'));
        x().faults.add({ where: 'api', kind: 'no_answer_after_accept', match: POST, times: 1 });
        const ours = await reply(api.a, ticket.id, { text: `said once ${ticket.id}` });
        await delivered(api.a, ours, 'sent', 60_000);
        expect(
          x()
            .sent()
            .filter(({ text }) => text?.includes(ticket.id) === true),
        ).toHaveLength(1);
      }, 120_000);

      it('fates add up when all is quiet', async () => {
        await x().idle();
        const { captured } = await fatesAtRest(system().api.a, 'social');
        expect(captured).toBeGreaterThan(0);
        expect(await deadLettersOf(system().api.a, VENDOR_ACCOUNTS.x)).toEqual([]);
      });
    });
  }

  return { expectCapped, expectRecovered, describeRest };
}
