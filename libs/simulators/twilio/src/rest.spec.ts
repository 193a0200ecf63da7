import { clientOf, CUSTOMER, setUp } from './spec-support/setup.js';
import type { Setup } from './spec-support/setup.js';

let setup: Setup;
afterEach(() => setup.close());

const codeOf = (work: Promise<unknown>) =>
  work.then(
    () => 'no error',
    (error: { status?: number; code?: number; moreInfo?: string }) => `${error.status} ${error.code}`,
  );

describe('sending with the SDK', () => {
  it('answers queued, then delivers, and the message can be fetched', async () => {
    setup = await setUp();
    const { client, number, simulator } = setup;
    const made = await client.messages.create({ to: CUSTOMER, from: number, body: 'Hello' });
    expect(made).toMatchObject({ status: 'queued', direction: 'outbound-api', numSegments: '1', errorCode: null });
    expect(made.sid).toMatch(/^SM[0-9a-f]{32}$/);
    await simulator.idle();
    const fetched = await client.messages(made.sid).fetch();
    expect(fetched.status).toBe('delivered');
    expect(Math.abs(fetched.dateSent.getTime() - Date.now())).toBeLessThan(5000);
    expect(simulator.sentMessages()).toMatchObject([{ sid: made.sid, body: 'Hello', origin: 'api', to: CUSTOMER }]);
  });

  it('takes media and a messaging service', async () => {
    setup = await setUp();
    const { client, simulator } = setup;
    const made = await client.messages.create({
      to: CUSTOMER,
      messagingServiceSid: simulator.account.messaging_services[0]?.sid ?? '',
      mediaUrl: ['https://shop.example/a.png', 'https://shop.example/b.png'],
    });
    expect(made).toMatchObject({ status: 'accepted', numMedia: '2' });
    expect(made.sid).toMatch(/^MM/);
    expect(simulator.sentMessages()[0]?.media_urls).toEqual([
      'https://shop.example/a.png',
      'https://shop.example/b.png',
    ]);
  });

  it('refuses with Twilio’s status and code', async () => {
    setup = await setUp();
    const { client, number, simulator } = setup;
    const create = (fields: object) => codeOf(client.messages.create({ to: CUSTOMER, from: number, ...fields }));
    expect(await create({ body: 'x', to: '' })).toBe('400 21604');
    expect(await create({ body: 'x', to: '12' })).toBe('400 21211');
    expect(await create({ body: 'x', from: '+12025550199' })).toBe('400 21606');
    expect(await create({ body: 'x', from: `whatsapp:${number}` })).toBe('400 21910');
    expect(await create({ body: 'x', from: 'whatsapp:+12025550199', to: `whatsapp:${CUSTOMER}` })).toBe('400 63007');
    expect(await create({})).toBe('400 21619');
    expect(await create({ body: 'x'.repeat(1601) })).toBe('400 21617');
    expect(await create({ mediaUrl: Array.from({ length: 11 }, () => 'https://shop.example/a') })).toBe('400 21623');
    expect(await create({ body: 'x', statusCallback: 'nonsense' })).toBe('400 21609');
    expect(await create({ contentSid: 'HX00' })).toBe('400 21655');
    const { sid } = simulator.account.templates[0] ?? { sid: '' };
    expect(await create({ contentSid: sid, contentVariables: '[' })).toBe('400 21656');
    expect(await codeOf(client.messages.create({ to: CUSTOMER, body: 'x' }))).toBe('400 21603');
    expect(await codeOf(client.messages('SM00').fetch())).toBe('404 20404');
    expect(simulator.sent()).toEqual([]);
  });

  it('takes a token or an API key, and nothing else; a revoked token is 401 with 20003', async () => {
    setup = await setUp();
    const { client, simulator } = setup;
    const [key] = simulator.account.api_keys;
    expect((await client.api.v2010.accounts(simulator.account.account_sid).fetch()).status).toBe('active');
    expect(await clientOf(simulator, key?.sid, key?.secret).incomingPhoneNumbers.list()).toHaveLength(1);
    expect(await codeOf(clientOf(simulator, undefined, 'wrong').messages.list())).toBe('401 20003');
    simulator.faults.add({ where: 'api', kind: 'revoked_token', times: 1 });
    expect(await codeOf(client.messages.list())).toBe('401 20003');
    simulator.configure({ auth_token: 'a'.repeat(32) });
    expect(await codeOf(client.messages.list())).toBe('401 20003');
  });

  it('limits the rate, and gives faults Twilio’s words', async () => {
    setup = await setUp();
    const { client, simulator, number } = setup;
    simulator.configure({ requests_per_second: 3 });
    const results = await Promise.all(Array.from({ length: 10 }, () => codeOf(client.messages.list({ limit: 1 }))));
    expect(results.filter((each) => each === '429 20429').length).toBeGreaterThanOrEqual(4);
    simulator.configure({ requests_per_second: 1000 });
    simulator.faults.add({ where: 'api', kind: 'status', status: 500, times: 1 });
    expect(await codeOf(client.messages.list())).toBe('500 20500');
    simulator.faults.add({ where: 'api', kind: 'no_answer_after_accept', times: 1 });
    await expect(client.messages.create({ to: CUSTOMER, from: number, body: 'unsure' })).rejects.toThrow();
    expect((await client.messages.list({ to: CUSTOMER })).map((each) => each.body)).toEqual(['unsure']);
  });

  it('keeps accounts apart', async () => {
    setup = await setUp();
    const { client, simulator, number } = setup;
    const other = `AC${'b'.repeat(32)}`;
    simulator.configure({ account_sid: other, auth_token: 't', numbers: [{ phone_number: '+12025550180' }] });
    simulator.inbound({ from: CUSTOMER, to: '+12025550180', body: 'to the other' });
    simulator.inbound({ from: CUSTOMER, to: number, body: 'to the first' });
    expect((await client.messages.list()).map((each) => each.body)).toEqual(['to the first']);
    expect(await codeOf(client.messages.create({ to: CUSTOMER, from: '+12025550180', body: 'x' }))).toBe('400 21606');
  });
});

describe('listing with the SDK', () => {
  it('pages newest first, and new arrivals shift nothing', async () => {
    setup = await setUp();
    const { client, simulator } = setup;
    for (let index = 0; index < 25; index += 1) {
      simulator.inbound({
        from: CUSTOMER,
        body: `${index}`,
        at: new Date(Date.UTC(2026, 10, 1, 0, 0, index)).toISOString(),
        webhook: false,
      });
    }
    const first = await client.messages.page({ pageSize: 10 });
    expect(first.instances.map((each) => each.body)).toEqual(Array.from({ length: 10 }, (_, i) => `${24 - i}`));
    simulator.inbound({ from: CUSTOMER, body: 'late', webhook: false });
    const second = await first.nextPage();
    expect(second?.instances[0]?.body).toBe('14');
    const all = await client.messages.list({ pageSize: 7 });
    expect(all.map((each) => each.body)).toEqual(['late', ...Array.from({ length: 25 }, (_, i) => `${24 - i}`)]);
  });

  it('filters by sender, receiver and time, at the original time of the message', async () => {
    setup = await setUp();
    const { client, simulator, number } = setup;
    const at = (day: number) => new Date(Date.UTC(2026, 10, day, 12)).toISOString();
    for (const day of [1, 2, 3]) simulator.inbound({ from: CUSTOMER, body: `${day}`, at: at(day), webhook: false });
    simulator.inbound({ from: '+12025550112', body: 'other', at: at(2), webhook: false });
    const bodies = async (filter: object) => (await client.messages.list(filter)).map((each) => each.body);
    expect(await bodies({ from: CUSTOMER, to: number, dateSentAfter: new Date(at(2)) })).toEqual(['3', '2']);
    expect(await bodies({ dateSentBefore: new Date(at(1)) })).toEqual(['1']);
    expect(await bodies({ from: CUSTOMER, dateSentAfter: new Date(at(2)), dateSentBefore: new Date(at(2)) })).toEqual([
      '2',
    ]);
    const [one] = await client.messages.list({ from: CUSTOMER, limit: 1 });
    expect(one).toMatchObject({ direction: 'inbound', status: 'received', dateSent: new Date(at(3)) });
  });
});
