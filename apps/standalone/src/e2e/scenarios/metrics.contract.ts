import type { BusRecord } from '@fanin/bus';
import { FATES } from '@fanin/contracts';
import {
  capturedOf,
  fateOf,
  handIn,
  MAIL,
  mailOf,
  until,
  type DeliveryView,
  type FateReport,
  type SystemUnderTest,
} from '@fanin/trials';
import pg from 'pg';
import { describeWithChromium, picture } from '../spec-support/browser.js';

type Row = Readonly<Record<string, unknown>>;

interface Summary {
  readonly created_count: number;
  readonly solved_count: number;
  readonly inbound_count: number;
  readonly public_reply_count: number;
  readonly backlog_count: number;
  readonly durations: Readonly<Record<string, { readonly count: number }>>;
}

/** The latest row of each key of a metric topic, read from the log. */
async function rowsOfTopic(system: SystemUnderTest, noun: string): Promise<ReadonlyMap<string, Row>> {
  const bus = await system.openBus();
  const topic = `${system.topicPrefix}.${noun}.v1`;
  const rows = new Map<string, Row>();
  try {
    for (let partition = 0; partition < 6; partition += 1) {
      let fromOffset = 0n;
      for (;;) {
        const records: readonly BusRecord[] = await bus.read(topic, partition, { fromOffset, limit: 500 });
        for (const { key, value } of records) {
          if (key === null) continue;
          if (value === null) rows.delete(key);
          else rows.set(key, JSON.parse(value.toString()) as Row);
        }
        const last = records.at(-1);
        if (last === undefined) break;
        fromOffset = last.offset + 1n;
      }
    }
  } finally {
    await bus.close();
  }
  return rows;
}

/** What a BI tool sees: the views, as the role of the service, for one tenant. */
async function rowsOfView(system: SystemUnderTest, view: string, tenant: string): Promise<readonly Row[]> {
  const client = new pg.Client({ connectionString: system.databaseUrl });
  await client.connect();
  try {
    await client.query('BEGIN');
    await client.query("SELECT set_config('fanin.tenant', $1, true)", [tenant]);
    const { rows } = await client.query<{ row: Row }>(`SELECT to_jsonb(v.*) AS row FROM bi.${view} v`);
    return rows.map(({ row }) => row);
  } finally {
    await client.end();
  }
}

const FACT_FIELDS = [
  'ticket_id',
  'status',
  'channel',
  'inbound_count',
  'public_reply_count',
  'first_reply_seconds',
  'record_version',
];
const pick = (row: Row, fields: readonly string[]): Row =>
  Object.fromEntries(fields.map((name) => [name, row[name] ?? null]));
const byKey = (rows: readonly Row[], key: string): readonly Row[] =>
  [...rows].sort((x, y) => (String(x[key]) < String(y[key]) ? -1 : 1));
const sumOf = (rows: readonly Row[], field: string): number => rows.reduce((sum, row) => sum + Number(row[field]), 0);

/** The same numbers wherever they are read: topic, view, API and page. */
export function describeMetrics(system: () => SystemUnderTest): void {
  const summary = (): Promise<Summary> => system().api.a.get('/metrics/summary');

  /** Nothing moves any more: the figures of the API agree with the tickets, and the windows with both. */
  async function atRest(): Promise<Summary> {
    const { a } = system().api;
    return until(
      'the figures agree',
      async () => {
        const [fates, now, tickets, windows] = await Promise.all([
          a.get<FateReport>('/fates'),
          summary(),
          a.all<Row>('/tickets?limit=200'),
          a.all<Row>('/metrics/windows?grain=day&limit=200'),
        ]);
        const settled =
          fates.in_flight === 0 &&
          now.created_count === tickets.length &&
          sumOf(windows, 'created_count') === tickets.length &&
          sumOf(windows, 'inbound_count') === now.inbound_count &&
          sumOf(windows, 'public_reply_count') === now.public_reply_count;
        return settled ? now : undefined;
      },
      30_000,
    );
  }

  beforeAll(async () => {
    const { api, smtpPort } = system();
    await handIn(smtpPort, mailOf({ to: MAIL.a, subject: 'Measured', text: 'how long will it take?' }), { to: MAIL.a });
    const ticket = await api.a.ticketWith('Measured');
    await api.a.reply(ticket.id, { text: 'not long', status: 'solved' });
    await until('the reply is counted', async () => {
      const facts = await api.a.all<Row>('/metrics/tickets?limit=200');
      const fact = facts.find(({ ticket_id }) => ticket_id === ticket.id);
      return fact?.['status'] === 'solved' && fact['first_reply_seconds'] !== null;
    });
  }, 60_000);

  describe('metrics', () => {
    it('are the same on the topic, in the view and over the API, row by row', async () => {
      await atRest();
      // Read anew each time: on a slow machine something may still move between two places.
      const { facts, view, topic } = await until('all facts are on the topic', async () => {
        const facts = await system().api.a.all<Row>('/metrics/tickets?limit=200');
        const topic = [...(await rowsOfTopic(system(), 'metrics.ticket-facts')).values()].filter(
          ({ tenant }) => tenant === 'a',
        );
        const view = await rowsOfView(system(), 'ticket_facts', 'a');
        const complete = facts.every((fact) =>
          [topic, view].every((rows) =>
            rows.some((row) => row['row_id'] === fact['row_id'] && row['record_version'] === fact['record_version']),
          ),
        );
        return complete ? { facts, view, topic } : undefined;
      });
      const shown = (rows: readonly Row[]): readonly Row[] =>
        byKey(
          rows.map((row) => pick(row, FACT_FIELDS)),
          'ticket_id',
        );
      expect(facts.length).toBeGreaterThan(5);
      expect(shown(view)).toEqual(shown(facts));
      expect(shown(topic)).toEqual(shown(facts));
      // Nothing is left out of a record, and it carries the whole row.
      for (const row of topic) expect(facts).toContainEqual(row);
    });

    it('windows add up to the summary on the topic, in the view and over the API', async () => {
      const now = await atRest();
      const api = await system().api.a.all<Row>('/metrics/windows?grain=hour&limit=200');
      const view = (await rowsOfView(system(), 'windows', 'a')).filter(({ grain }) => grain === 'hour');
      const topic = await until('all windows are on the topic', async () => {
        const rows = [...(await rowsOfTopic(system(), 'metrics.windows')).values()].filter(
          ({ tenant, grain }) => tenant === 'a' && grain === 'hour',
        );
        return api.every((row) =>
          rows.some((other) => other['row_id'] === row['row_id'] && other['record_version'] === row['record_version']),
        )
          ? rows
          : undefined;
      });
      for (const rows of [api, view, topic]) {
        for (const field of ['created_count', 'solved_count', 'inbound_count', 'public_reply_count'] as const)
          expect([field, sumOf(rows, field)]).toEqual([field, now[field]]);
        expect(sumOf(rows, 'first_reply_count')).toBe(now.durations['first_reply']?.count);
      }
      expect(topic.length).toBe(api.length);
    });

    it('count what the other tenant never sees', async () => {
      const own = await system().api.b.all<Row>('/metrics/tickets?limit=200');
      expect(await rowsOfView(system(), 'ticket_facts', 'b')).toHaveLength(own.length);
      expect(await rowsOfView(system(), 'ticket_facts', '')).toEqual([]);
      expect(own.every(({ tenant }) => tenant === 'b')).toBe(true);
    });
  });

  describe('fates', () => {
    it('captured is in flight plus the sum of fates whenever one looks, and nothing is in flight at rest', async () => {
      const { api, smtpPort } = system();
      const raws = Array.from({ length: 20 }, (_, n) => mailOf({ to: MAIL.a, subject: `Counted ${n}` }));
      const sending = (async () => {
        for (const raw of raws) await handIn(smtpPort, raw, { to: MAIL.a });
      })();
      let polls = 0;
      const atRest = async (): Promise<FateReport | undefined> => {
        const report = await api.a.get<FateReport>('/fates');
        polls += 1;
        for (const counts of [report, ...report.channels])
          expect(counts.captured).toBe(counts.in_flight + Object.values(counts.fates).reduce((sum, n) => sum + n, 0));
        return report.in_flight === 0 ? report : undefined;
      };
      await until('all 20 have their fate', async () => {
        await atRest();
        return (await capturedOf(api.a, ...raws)).filter(({ parts }) => parts.length > 0).length === raws.length;
      });
      await sending;
      expect(polls).toBeGreaterThan(2);
      expect((await capturedOf(api.a, ...raws)).map(fateOf)).toEqual(raws.map(() => 'accepted'));
      // Other doors go on by themselves, so counts and lists are of one moment only when nothing came between.
      await until('the counts of fates are the rows that have them', async () => {
        const report = await atRest();
        if (report === undefined) return undefined;
        const listed = await Promise.all(
          FATES.map(async (fate) => {
            const rows = await api.a.all<DeliveryView>(`/deliveries?fate=${fate}&limit=200`);
            return rows.flatMap(({ parts }) => parts).filter((part) => part.fate === fate).length;
          }),
        );
        return FATES.every((fate, at) => listed[at] === report.fates[fate]);
      });
    }, 60_000);
  });

  describeWithChromium('the dashboard', (visitor) => {
    it('shows the same numbers', async () => {
      const now = await atRest();
      const { api, url, operatorToken } = system();
      const fates = await api.a.get<FateReport>('/fates');
      const page = await visitor().page();
      await page.goto(`${url}/?token=${operatorToken}`);
      const chosen = await page.request.post(`${url}/session/tenant`, {
        data: { tenant: 'a' },
        headers: { origin: url },
      });
      expect(chosen.status()).toBe(200);
      await page.goto(`${url}/?range=7d`);
      const number = async (key: string): Promise<string> =>
        (await page.locator(`[data-key="${key}"]`).innerText()).replaceAll(/\D/g, '');
      await page.locator('[data-key="figure-created"]').waitFor();
      expect({
        created: await number('figure-created'),
        solved: await number('figure-solved'),
        backlog: await number('figure-backlog'),
        captured: await number('fate-captured'),
        accepted: await number('fate-accepted'),
        suppressed: await number('fate-suppressed'),
        in_flight: await number('fate-in_flight'),
      }).toEqual({
        created: String(now.created_count),
        solved: String(now.solved_count),
        backlog: String(now.backlog_count),
        captured: String(fates.captured),
        accepted: String(fates.fates['accepted']),
        suppressed: String(fates.fates['suppressed']),
        in_flight: '0',
      });
      expect(await page.locator('.proof').innerText()).toContain('It adds up');
      await picture(page, `dashboard-${system().form}`);
      expect(visitor().faults).toEqual([]);
      await page.context().close();
    }, 60_000);
  });
}
