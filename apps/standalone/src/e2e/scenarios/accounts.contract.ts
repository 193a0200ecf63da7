import { createHmac, randomUUID } from 'node:crypto';
import {
  capturedOf,
  delivered,
  deliveriesOf,
  MetaDesk,
  newWhatsappNumber,
  postTo,
  reply,
  unique,
  until,
  VENDOR_ACCOUNTS,
  type AccountView,
  type Api,
  type DeliveryView,
  type HookAnswer,
  type MessageView,
  type SystemUnderTest,
  type TicketView,
} from '@fanin/trials';
import { describeWithChromium, picture, violations } from '../spec-support/browser.js';

const { messenger, instagram, whatsapp } = VENDOR_ACCOUNTS;
/** The first wait after refused credentials is half a minute at most, and Meta is asked once before it. */
const REPAIRED_WITHIN_MS = 60_000;

/** Accounts at vendors: their states, what stands between them, and who may call their addresses. */
export function describeAccounts(system: () => SystemUnderTest): void {
  const desk = new MetaDesk(system);
  const listed = async (api: Api): Promise<readonly AccountView[]> =>
    (await api.get<{ data: readonly AccountView[] }>('/accounts')).data;
  const inState = (id: string, state: string, timeoutMs?: number): Promise<AccountView> =>
    until(
      `${id} is ${state}`,
      async () => (await listed(system().api.a)).find((row) => row.id === id && row.state === state),
      timeoutMs,
    );
  const whatsappToken = (): string => system().vendors.meta.app.phones?.[0]?.accessToken ?? '';

  describe('accounts', () => {
    it('say in what state they are, since when, and what to enter at the vendor', async () => {
      for (const id of Object.values(VENDOR_ACCOUNTS)) {
        const row = await inState(id, 'connected', 40_000);
        expect(row).toMatchObject({ tenant: 'a', code: null, reason: null, next_attempt_at: null, action: null });
        expect(Date.parse(row.since)).toBeLessThanOrEqual(Date.now());
        expect(row.hooks.map(({ url }) => new URL(url).pathname)).toContain(`/hooks/${id}`);
        expect([...new Set(row.hooks.map(({ url }) => url))]).toEqual(row.hook_urls);
        for (const { enter } of row.hooks) expect(enter.length).toBeGreaterThan(20);
      }
      const phone = await inState(VENDOR_ACCOUNTS.phone, 'connected');
      expect(phone.hook_urls.map((url) => new URL(url).pathname)).toContain(`/hooks/${VENDOR_ACCOUNTS.phone}/voice`);
    }, 60_000);

    it('are stopped one by one: a revoked token leaves the others of the process at work', async () => {
      const from = { id: newWhatsappNumber(), name: 'Kari' };
      const { ticket } = await desk.opened({ channel: 'whatsapp', from, text: 'Hei' });
      await desk.meta.configure({ tokens: { [whatsappToken()]: 'revoked' } });
      const refused = await delivered(desk.api, await reply(desk.api, ticket.id, { text: unique('Hei.') }), 'failed');
      expect(refused.delivery).toMatchObject({ code: 'AUTH' });
      const stopped = await inState(whatsapp, 'bad_credentials');
      expect(stopped).toMatchObject({ code: 'AUTH', action: expect.stringMatching(/credentials/) as string });
      expect(stopped.reason).toMatch(/190/);
      expect(Date.parse(stopped.next_attempt_at ?? '')).toBeGreaterThan(Date.parse(stopped.since));
      expect(stopped.notices[0]?.message).toMatch(/a reply could not be sent/);
      for (const channel of ['messenger', 'instagram_dm', 'page_comment'] as const) {
        const other = await desk.opened({ channel, from: { name: unique('Liv') }, text: 'Do you hear me?' });
        const answer = await reply(desk.api, other.ticket.id, { text: unique('We do.') });
        expect(await desk.sentOnce(answer.text)).toMatchObject({ text: answer.text });
      }
      // Meta goes on delivering: what customers write meanwhile is not lost.
      const words = await desk.says({ channel: 'whatsapp', from, text: 'Hallo?' });
      expect((await desk.seen(words)).ticket.id).toBe(ticket.id);
      const rows = await listed(desk.api);
      for (const id of [messenger, instagram]) expect(rows.find((row) => row.id === id)?.state).toBe('connected');
      for (const secret of [whatsappToken(), system().vendors.meta.app.secret])
        expect(JSON.stringify([rows, refused])).not.toContain(secret);
    }, 60_000);
  });

  describeWithChromium('the accounts on the dashboard', (visitor) => {
    it('are shown with their states, the one in trouble first and with what to do', async () => {
      const { url, operatorToken } = system();
      const page = await visitor().page();
      await page.goto(`${url}/?token=${operatorToken}`);
      await page.request.post(`${url}/session/tenant`, { data: { tenant: 'a' }, headers: { origin: url } });
      await page.goto(`${url}/`);
      const rows = page.locator('.accounts > li');
      const troubled = rows.filter({ hasText: whatsapp });
      await troubled.getByText('Login refused').waitFor();
      expect(await rows.first().innerText()).toContain(whatsapp);
      expect(await troubled.innerText()).toMatch(/190[^]*What to do:[^]*Tries again/);
      for (const id of [messenger, instagram]) {
        const row = rows.filter({ hasText: id });
        expect(await row.innerText()).toContain('Connected');
        await row.getByText('Address for the provider').click();
        await row.getByText(`/hooks/${id}`).waitFor();
      }
      expect(await page.locator('.accounts').innerText()).not.toContain('b-messenger');
      expect(await violations(page)).toEqual([]);
      expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true);
      await picture(page, `accounts-${system().form}`);
      expect(visitor().faults).toEqual([]);
      await page.context().close();
    }, 60_000);
  });

  describe('accounts of different shops', () => {
    beforeAll(() => system().vendors.meta.simulator.configure({ tokens: { [whatsappToken()]: 'valid' } }));

    it('see nothing of each other: accounts, tickets, deliveries, files', async () => {
      const { api, vendors } = system();
      const words = unique('Only shop A may read this.');
      const file = { type: 'file', base64: Buffer.from(words).toString('base64'), mime: 'text/plain' } as const;
      const own = await desk.opened({
        channel: 'messenger',
        from: { name: unique('Eli') },
        text: words,
        attachments: [file],
      });
      const [accountsOfA, accountsOfB] = [await listed(api.a), await listed(api.b)];
      expect(accountsOfB.map(({ id, tenant }) => [id.slice(0, 2), tenant])).toEqual(accountsOfB.map(() => ['b-', 'b']));
      expect(accountsOfB.map(({ id }) => id)).toContain('b-messenger');
      expect(accountsOfA.map(({ id }) => id.slice(0, 2))).toEqual(accountsOfA.map(() => 'a-'));
      const said = vendors.metaOfB.simulator.inbound({ channel: 'messenger', text: words });
      const other = await until('the ticket of shop B', async () =>
        (await api.b.all<TicketView>('/tickets?channel=social&limit=200')).find(
          ({ account_id: id }) => id === 'b-messenger',
        ),
      );
      expect((await api.b.messages(other.id))[0]).toMatchObject({ provider_message_id: said.id, text: words });
      const [delivery] = await api.a.all<DeliveryView>('/deliveries?channel=social&limit=200');
      for (const path of [
        `tickets/${own.ticket.id}`,
        `tickets/${own.ticket.id}/messages`,
        `messages/${own.message.id}/raw`,
        `messages/${own.message.id}/attachments/0`,
        `deliveries/${delivery?.id ?? ''}`,
        `deliveries/${delivery?.id ?? ''}/raw`,
      ])
        expect([path, (await api.b.call('GET', `/api/v1/${path}`)).status]).toEqual([path, 404]);
      const answer = await api.b.call('POST', `/api/v1/tickets/${own.ticket.id}/replies`, { body: { text: 'x' } });
      expect(answer.status).toBe(404);
      const tenants = (await api.b.all<DeliveryView>('/deliveries?channel=social&limit=200')).map(
        ({ account_id: id }) => id,
      );
      expect(new Set(tenants)).toEqual(new Set(['b-messenger']));
      expect((await api.a.all<TicketView>('/tickets?channel=social&limit=200')).map(({ id }) => id)).not.toContain(
        other.id,
      );
    }, 60_000);
  });

  describe('addresses of accounts', () => {
    const sign = (secret: string, body: Buffer) => ({
      'x-hub-signature-256': `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`,
    });
    const bodyFor = (pageId: string, mid: string): Buffer => {
      const at = Date.now();
      const message = { mid, text: mid };
      const update = { sender: { id: `77${at}` }, recipient: { id: pageId }, timestamp: at, message };
      return Buffer.from(JSON.stringify({ object: 'page', entry: [{ id: pageId, time: at, messaging: [update] }] }));
    };
    const post = (account: string, body: Buffer, headers: Readonly<Record<string, string>> = {}): Promise<HookAnswer> =>
      postTo(`${system().url}/hooks/${account}`, body, { 'content-type': 'application/json', ...headers });
    const pageOf = (tenant: 'a' | 'b'): string => {
      const { meta, metaOfB } = system().vendors;
      return (tenant === 'a' ? meta : metaOfB).app.pages?.[0]?.id ?? '';
    };
    const refusals = async (account: string): Promise<number> => {
      const text = await system().metrics('social-connector');
      const counts = text
        .split('\n')
        .filter((line) => line.startsWith('fanin_channel_refused_total{') && line.includes(`account="${account}"`));
      return counts.reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0);
    };

    it('take nothing without the signature of their own app, count it, and store nothing', async () => {
      const { meta, metaOfB } = system().vendors;
      const counted = await refusals(messenger);
      const body = bodyFor(pageOf('a'), `m_forged_${randomUUID()}`);
      const tampered = Buffer.from(body.toString().replace('m_forged', 'm_Forged'));
      const attempts = [
        post(messenger, body),
        post(messenger, body, { 'x-hub-signature-256': 'sha256=00' }),
        post(messenger, body, sign('a guess that is wrong', body)),
        post(messenger, body, sign(metaOfB.app.secret, body)),
        post(messenger, tampered, sign(meta.app.secret, body)),
      ];
      expect((await Promise.all(attempts)).map(({ status }) => status)).toEqual(attempts.map(() => 401));
      for (const id of Object.values(VENDOR_ACCOUNTS)) expect([401, 403]).toContain((await post(id, body)).status);
      expect(await refusals(messenger)).toBe(counted + attempts.length + 1);
      // B may sign for its own app what it likes: it gets nothing of A's, and A nothing of that.
      expect((await post('b-messenger', body, sign(metaOfB.app.secret, body))).status).toBe(200);
      const foreign = await until(
        'the forged one has its fate',
        async () => (await system().api.b.all<DeliveryView>('/deliveries?rule=unknown_page&limit=200'))[0],
      );
      expect(foreign).toMatchObject({ account_id: 'b-messenger', parts: [{ fate: 'ignored', ticket_id: null }] });
      expect(await capturedOf(desk.api, body, tampered)).toEqual([]);
      const rows: MessageView[] = [];
      for (const { author, id } of await desk.customers.all())
        if (author.includes(':77')) rows.push(...(await desk.api.messages(id)));
      expect(JSON.stringify(rows)).not.toMatch(/forged/i);
    }, 60_000);

    it('take what is replayed exactly for what it is', async () => {
      const { secret } = system().vendors.meta.app;
      const mid = `m_replayed_${randomUUID()}`;
      const body = bodyFor(pageOf('a'), mid);
      for (let n = 0; n < 3; n += 1) expect((await post(messenger, body, sign(secret, body))).status).toBe(200);
      const fates = await until('all three have their fate', async () => {
        const found = (await desk.api.all<DeliveryView>('/deliveries?channel=social&limit=200')).filter(
          ({ size }) => size === body.length,
        );
        const all = found.flatMap(({ parts }) => parts.map(({ fate }) => fate));
        return all.length >= 3 && all;
      });
      expect([...fates].sort()).toEqual(['accepted', 'duplicate', 'duplicate']);
    }, 60_000);

    it('are 404 for accounts that are not there, and 413 for what is too large', async () => {
      const { secret } = system().vendors.meta.app;
      const body = bodyFor(pageOf('a'), `m_nowhere_${randomUUID()}`);
      for (const id of ['a-nobody', 'a-messenger-2', '..%2Fa-messenger'])
        expect([id, (await post(id, body, sign(secret, body))).status]).toEqual([id, 404]);
      const large = Buffer.alloc(4 * 1024 * 1024 + 1, ' ');
      expect((await post(messenger, large, sign(secret, large))).status).toBe(413);
      const small = bodyFor(pageOf('a'), `m_small_${randomUUID()}`);
      expect((await post(messenger, small, sign(secret, small))).status).toBe(200);
      await deliveriesOf(desk.api, small, 1);
      expect(await capturedOf(desk.api, large)).toEqual([]);
    }, 60_000);
  });

  describe('a repaired account', () => {
    it(
      'is connected again by itself, and sends',
      async () => {
        const repaired = await inState(whatsapp, 'connected', REPAIRED_WITHIN_MS);
        expect(repaired).toMatchObject({ code: null, reason: null, next_attempt_at: null, action: null });
        const from = { id: newWhatsappNumber(), name: 'Kari' };
        const { ticket } = await desk.opened({ channel: 'whatsapp', from, text: 'Hei igjen' });
        const answer = await reply(desk.api, ticket.id, { text: unique('Hei!') });
        await delivered(desk.api, answer, 'delivered');
        expect(desk.sent(answer.text)).toHaveLength(1);
      },
      REPAIRED_WITHIN_MS + 30_000,
    );
  });
}
