import {
  Api,
  handIn,
  MAIL,
  mailOf,
  until,
  type DeliveryView,
  type MessageView,
  type SystemUnderTest,
  type TicketView,
} from '@fanin/trials';

interface Parameter {
  readonly name: string;
  readonly in: string;
  readonly required?: boolean;
  readonly schema?: { readonly enum?: readonly string[]; readonly minimum?: number };
}
interface Operation {
  readonly parameters?: readonly Parameter[];
}
interface Route {
  readonly method: string;
  readonly path: string;
  readonly parameters: readonly Parameter[];
}

const SECRET_WORDS = 'the secret of shop b';
const BODIES: Readonly<Record<string, object>> = {
  'PATCH /api/v1/tickets/{id}': { priority: 'urgent' },
  'POST /api/v1/tickets/{id}/replies': { text: 'from the other shop' },
  'POST /api/v1/tickets/{id}/notes': { text: 'from the other shop' },
};
/** Answers that never end: looked at by a test of their own. */
const STREAMS = ['/api/v1/events'];

async function routesOf(system: SystemUnderTest): Promise<readonly Route[]> {
  const routes = new Map<string, Route>();
  for (const address of system.documents) {
    const { paths } = (await (await fetch(address)).json()) as { paths: Record<string, Record<string, Operation>> };
    for (const [path, operations] of Object.entries(paths)) {
      for (const [name, { parameters = [] }] of Object.entries(operations))
        routes.set(`${name} ${path}`, { method: name.toUpperCase(), path, parameters });
    }
  }
  return [...routes.values()];
}

/** What belongs to shop B and may be in no answer to shop A. */
interface Foreign {
  readonly ticket: TicketView;
  readonly message: MessageView;
  readonly delivery: DeliveryView;
  readonly cursor: string;
}

async function plant(system: SystemUnderTest): Promise<Foreign> {
  const { api, smtpPort } = system;
  const attachment = [
    '--x',
    'Content-Type: text/plain; charset=utf-8',
    '',
    SECRET_WORDS,
    '--x',
    'Content-Type: application/octet-stream; name=plan.bin',
    'Content-Disposition: attachment; filename=plan.bin',
    '',
    SECRET_WORDS,
    '--x--',
  ].join('\n');
  const headers = ['Content-Type: multipart/mixed; boundary=x'];
  const raw = mailOf({
    from: 'bob@customer-of-b.example',
    to: MAIL.b,
    subject: 'Only for shop B',
    text: attachment,
    headers,
  });
  await handIn(system.smtpPort, raw, { from: 'bob@customer-of-b.example', to: MAIL.b });
  await handIn(smtpPort, mailOf({ to: MAIL.b, subject: 'Also only for shop B' }), { to: MAIL.b });
  const ticket = await api.b.ticketWith('Only for shop B');
  await api.b.ticketWith('Also only for shop B');
  await api.b.call('PATCH', `/api/v1/tickets/${ticket.id}`, {
    body: { tags: ['tag-of-b'], team_id: 'team-of-b', assignee_id: 'agent-of-b' },
  });
  const [message] = await api.b.messages(ticket.id);
  const delivery = await until('the delivery has its fate', async () =>
    (await api.b.all<DeliveryView>('/deliveries')).find(({ parts }) =>
      parts.some(({ ticket_id }) => ticket_id === ticket.id),
    ),
  );
  const { next_cursor } = await api.b.get<{ next_cursor: string }>('/tickets?limit=1');
  if (message === undefined || message.attachments.length !== 1) throw new Error('the attachment of shop B is missing');
  await until('shop B is counted', async () => (await api.b.all<object>('/metrics/tickets')).length >= 2);
  return { ticket, message, delivery, cursor: next_cursor };
}

/** Every way to ask a route: with each of B's ids in the path, and each filter filled with what B has. */
function* requestsOf({ path, parameters }: Route, { ticket, message, delivery, cursor }: Foreign): Generator<string> {
  const ids = path.includes('{id}')
    ? [ticket.id, message.id, delivery.id, ticket.customer.id, String(ticket.number)]
    : [''];
  const values: Readonly<Record<string, readonly string[]>> = {
    cursor: [cursor],
    limit: ['200'],
    q: ['secret', 'shop', 'Only for shop B', String(ticket.number)],
    tag: ['tag-of-b'],
    team_id: ['team-of-b', ''],
    assignee_id: ['agent-of-b'],
    status: [ticket.status, 'new,open'],
    rule: ['x'],
    from: ['2020-01-01T00:00:00Z'],
    to: ['2100-01-01T00:00:00Z'],
    updated_after: ['2020-01-01T00:00:00.000Z'],
  };
  for (const id of ids) {
    const address = path.replace('{id}', id).replace('{n}', '0');
    const grain = path.endsWith('/windows') ? ['grain=day'] : [];
    yield [address, grain.join('&')].filter((part) => part !== '').join('?');
    for (const parameter of parameters.filter((each) => each.in === 'query' && each.name !== 'grain')) {
      for (const value of values[parameter.name] ?? parameter.schema?.enum ?? [])
        yield `${address}?${[...grain, `${parameter.name}=${encodeURIComponent(value)}`].join('&')}`;
    }
    // A tenant named by the asker changes nothing.
    yield `${address}?${[...grain, 'tenant=b'].join('&')}`;
  }
}

/** A key sees its own tenant on every route there is. */
export function describeIsolation(system: () => SystemUnderTest): void {
  describe('isolation of tenants', () => {
    let foreign: Foreign;
    let routes: readonly Route[];
    beforeAll(async () => {
      foreign = await plant(system());
      routes = (await routesOf(system())).filter(({ path }) => !STREAMS.includes(path));
    }, 60_000);

    const ask = (api: Api, { method, path }: Route, address: string, headers: Record<string, string> = {}) => {
      const body = BODIES[`${method} ${path}`];
      return api.call(method, address, { headers, ...(body === undefined ? {} : { body }) });
    };
    const marksOf = ({ ticket, message, delivery }: Foreign): readonly string[] => [
      ticket.id,
      message.id,
      delivery.id,
      delivery.sha256,
      ticket.customer.id,
      'shop B',
      'customer-of-b',
      MAIL.b,
      'b-mail',
      'b-chat',
      'tag-of-b',
      'team-of-b',
      'agent-of-b',
      SECRET_WORDS,
    ];

    it('walks every route of the OpenAPI document with ids of the other tenant and finds nothing', async () => {
      const asked = routes.map(({ method, path }) => `${method} ${path}`);
      expect(asked).toEqual(expect.arrayContaining(Object.keys(BODIES)));
      for (const path of [
        'fates',
        'deliveries',
        'accounts',
        'metrics/tickets',
        'metrics/windows',
        'metrics/summary',
        'messages/{id}/raw',
      ])
        expect(asked).toContain(`GET /api/v1/${path}`);
      const before = await system().api.b.all<TicketView>('/tickets?limit=200');
      const leaks: string[] = [];
      let requests = 0;
      for (const route of routes) {
        for (const address of requestsOf(route, foreign)) {
          const answer = await ask(system().api.a, route, address, { 'x-tenant': 'b' });
          requests += 1;
          if (answer.status >= 500) leaks.push(`${route.method} ${address}: ${answer.status}`);
          const echo = decodeURIComponent(address);
          for (const mark of marksOf(foreign)) {
            // An error may repeat the address that was asked for, nothing more.
            const found = answer.text.split(mark).length - 1;
            const own = answer.status >= 400 ? echo.split(mark).length - 1 : 0;
            if (found > own) leaks.push(`${route.method} ${address}: ${answer.status} holds "${mark}"`);
          }
          if (route.path.includes('{id}') && answer.status < 300)
            leaks.push(`${route.method} ${address}: ${answer.status}`);
        }
      }
      expect(leaks).toEqual([]);
      expect(requests).toBeGreaterThan(60);
      // What was tried on B's tickets changed nothing there.
      expect(await system().api.b.all<TicketView>('/tickets?limit=200')).toEqual(before);
      expect(await system().api.b.messages(foreign.ticket.id)).toHaveLength(1);
    }, 90_000);

    it('has a document that names each parameter once, and demands only what is needed', async () => {
      for (const { method, path, parameters } of await routesOf(system())) {
        const names = parameters.map((parameter) => `${parameter.in} ${parameter.name.toLowerCase()}`);
        expect([method, path, names]).toEqual([method, path, [...new Set(names)]]);
        const demanded = parameters
          .filter((each) => each.required === true && each.in !== 'path')
          .map(({ name }) => name);
        expect([path, demanded]).toEqual([path, path.endsWith('/windows') ? ['grain'] : []]);
      }
    });

    it('answers 401 without a key or with a wrong one, and 403 to a key that lacks the scope, on every route', async () => {
      const { url, readOnly } = system();
      const wrong: string[] = [];
      const others = [new Api(url, undefined), new Api(url, 'fanin_wrong')];
      for (const route of [...routes, ...STREAMS.map((path): Route => ({ method: 'GET', path, parameters: [] }))]) {
        const address = route.path.replace('{id}', foreign.ticket.id).replace('{n}', '0');
        for (const api of others) {
          const answer = await ask(api, route, address);
          if (answer.status !== 401 || !answer.type.startsWith('application/problem+json'))
            wrong.push(`${route.method} ${address}: ${answer.status}`);
        }
        const allowed = route.method === 'GET' && /^\/api\/v1\/(tickets|messages|events|session)/.test(route.path);
        if (allowed) continue;
        const answer = await ask(readOnly, route, address);
        if (answer.status !== 403) wrong.push(`${route.method} ${address} without the scope: ${answer.status}`);
      }
      expect(wrong).toEqual([]);
    }, 60_000);

    it('sends live changes to their own tenant only', async () => {
      const { api, smtpPort } = system();
      const [own, other] = [new Listener(system(), 'a'), new Listener(system(), 'b')];
      try {
        await Promise.all([own.open(), other.open()]);
        await handIn(smtpPort, mailOf({ to: MAIL.b, subject: 'Live for B' }), { to: MAIL.b });
        const ticket = await api.b.ticketWith('Live for B');
        await until('B hears of it', () => other.heard.includes(ticket.id));
        await handIn(smtpPort, mailOf({ to: MAIL.a, subject: 'Live for A' }), { to: MAIL.a });
        const mine = await api.a.ticketWith('Live for A');
        // A's own change comes behind B's, so B's would be here by now.
        await until('A hears of its own', () => own.heard.includes(mine.id));
        expect(own.heard).not.toContain(ticket.id);
        expect(own.heard).not.toContain('"tenant":"b"');
        expect(other.heard).not.toContain(mine.id);
      } finally {
        own.close();
        other.close();
      }
    });
  });
}

/** Someone who follows /events. */
class Listener {
  heard = '';
  private readonly ending = new AbortController();

  constructor(
    private readonly system: SystemUnderTest,
    private readonly tenant: 'a' | 'b',
  ) {}

  async open(): Promise<void> {
    const answer = await this.system.api[this.tenant].stream('/events', this.ending.signal);
    void this.read(answer).catch(() => undefined);
    await until('the stream greets', () => this.heard.includes('event: hello'));
  }

  close(): void {
    this.ending.abort();
  }

  private async read(answer: Response): Promise<void> {
    const decoder = new TextDecoder();
    for await (const chunk of answer.body ?? []) this.heard += decoder.decode(chunk, { stream: true });
  }
}
