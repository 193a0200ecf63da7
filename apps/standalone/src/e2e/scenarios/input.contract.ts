import { randomUUID } from 'node:crypto';
import { handIn, MAIL, mailOf, type SystemUnderTest } from '@fanin/trials';

interface Case {
  readonly name: string;
  readonly method?: string;
  readonly path: string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly status?: number;
  /** Field that `problems` must name. */
  readonly field?: string;
}

const NUL = String.fromCharCode(0);

function cases(id: string): readonly Case[] {
  const ticket = `/api/v1/tickets/${id}`;
  const replies = { method: 'POST', path: `${ticket}/replies` };
  const patch = { method: 'PATCH', path: ticket };
  return [
    { name: 'malformed JSON', ...replies, body: '{"text": ' },
    { name: 'an empty body', ...replies, body: '' },
    { name: 'a JSON text', ...replies, body: '"hello"' },
    { name: 'null', ...replies, body: 'null' },
    { name: 'a list', ...replies, body: [] },
    { name: 'no text', ...replies, body: {}, field: 'text' },
    { name: 'empty text', ...replies, body: { text: '' }, field: 'text' },
    { name: 'a number for text', ...replies, body: { text: 7 }, field: 'text' },
    { name: 'an unknown field', ...replies, body: { text: 'x', texte: 'y' }, field: 'texte' },
    { name: 'over-long text', ...replies, body: { text: 'x'.repeat(65_537) }, field: 'text' },
    { name: 'a body of 3 MB', ...replies, body: { text: 'x'.repeat(3_000_000) } },
    { name: 'NUL bytes', ...replies, body: { text: `a${NUL}b` }, field: 'text' },
    { name: 'a lone surrogate', ...replies, body: '{"text":"\\ud800"}', field: 'text' },
    { name: 'a prototype', ...replies, body: '{"__proto__":{"text":"x"}}' },
    { name: 'a wrong status', ...replies, body: { text: 'x', status: 'closed' }, field: 'status' },
    {
      name: 'the wrong content type',
      ...replies,
      body: 'text=x',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    },
    { name: 'XML', ...replies, body: '<text>x</text>', headers: { 'content-type': 'application/xml' }, status: 415 },
    { name: 'an over-long key', ...replies, body: { text: 'x' }, headers: { 'idempotency-key': 'k'.repeat(2_000) } },
    { name: 'an empty note', method: 'POST', path: `${ticket}/notes`, body: { text: '' }, field: 'text' },
    { name: 'an unknown status', ...patch, body: { status: 'done' }, field: 'status' },
    { name: 'tags that are no list', ...patch, body: { tags: 'refund' }, field: 'tags' },
    { name: 'NUL in a tag', ...patch, body: { tags: [`a${NUL}`] } },
    { name: 'too many tags', ...patch, body: { tags: Array.from({ length: 101 }, (_, n) => `t${n}`) }, field: 'tags' },
    { name: 'an over-long team', ...patch, body: { team_id: 'x'.repeat(129) }, field: 'team_id' },
    { name: 'an id that is none', path: '/api/v1/tickets/1%27%20OR%201=1', status: 404 },
    { name: 'NUL in an id', path: '/api/v1/tickets/%00' },
    { name: 'a broken escape', path: '/api/v1/tickets/%zz' },
    { name: 'an id nobody has', path: `/api/v1/tickets/${randomUUID()}`, status: 404 },
    { name: 'a message nobody has', path: `/api/v1/messages/${randomUUID()}/raw`, status: 404 },
    { name: 'a message id that is none', path: '/api/v1/messages/x%00y/raw' },
    { name: 'a delivery nobody has', path: `/api/v1/deliveries/${randomUUID()}`, status: 404 },
    { name: 'a delivery id that is none', path: '/api/v1/deliveries/%00' },
    { name: 'an attachment number that is none', path: `/api/v1/messages/${randomUUID()}/attachments/-1`, status: 404 },
    ...[
      '/api/v1/tickets',
      '/api/v1/deliveries',
      '/api/v1/metrics/tickets',
      '/api/v1/metrics/windows?grain=hour',
    ].flatMap((list) => {
      const join = list.includes('?') ? '&' : '?';
      return [
        { name: `${list}: limit 0`, path: `${list}${join}limit=0`, field: 'limit' },
        { name: `${list}: limit abc`, path: `${list}${join}limit=abc`, field: 'limit' },
        { name: `${list}: limit 1e9`, path: `${list}${join}limit=1000000000`, field: 'limit' },
        { name: `${list}: a bad cursor`, path: `${list}${join}cursor=%21%21`, field: 'cursor' },
        {
          name: `${list}: a cursor of something else`,
          path: `${list}${join}cursor=${Buffer.from('["x","y"]').toString('base64url')}`,
          field: 'cursor',
        },
        { name: `${list}: NUL in a cursor`, path: `${list}${join}cursor=%00` },
        { name: `${list}: an unknown channel`, path: `${list}${join}channel=pigeon`, field: 'channel' },
        { name: `${list}: an unknown parameter`, path: `${list}${join}chanel=email`, field: 'chanel' },
      ];
    }),
    { name: 'an unknown status filter', path: '/api/v1/tickets?status=new,done', field: 'status' },
    { name: 'NUL in a search', path: '/api/v1/tickets?q=%00' },
    { name: 'a time that is none', path: '/api/v1/tickets?updated_after=yesterday', field: 'updated_after' },
    { name: 'a day that does not exist', path: '/api/v1/fates?from=2026-02-31' },
    { name: 'a month that does not exist', path: '/api/v1/fates?from=2026-13-01T00:00:00Z' },
    { name: 'a year far away', path: '/api/v1/metrics/summary?from=9999-99-99' },
    { name: 'a grain that is none', path: '/api/v1/metrics/windows?grain=minute', field: 'grain' },
    { name: 'no grain', path: '/api/v1/metrics/windows', field: 'grain' },
    { name: 'a parameter twice', path: '/api/v1/tickets?limit=1&limit=2', field: 'limit' },
    { name: 'an address that is none', path: '/api/v1/nothing', status: 404 },
    { name: 'a method that is none', method: 'DELETE', path: ticket },
  ];
}

/** Whatever comes in: a clear answer that says what is wrong, and never an error of ours. */
export function describeInput(system: () => SystemUnderTest): void {
  describe('bad input over REST', () => {
    it('is refused as problem+json with all problems named, and changes nothing', async () => {
      const { api, smtpPort } = system();
      await handIn(smtpPort, mailOf({ to: MAIL.a, subject: 'Bad input' }), { to: MAIL.a });
      const ticket = await api.a.ticketWith('Bad input');
      const wrong: string[] = [];
      for (const { name, method = 'GET', path, body, headers, status, field } of cases(ticket.id)) {
        const answer = await api.a.call<{ status?: number; problems?: { path: string }[] }>(method, path, {
          ...(body === undefined ? {} : { body }),
          ...(headers === undefined ? {} : { headers }),
        });
        const told = `${name}: ${answer.status} ${answer.type} ${answer.text.slice(0, 300)}`;
        const isProblem = answer.type.startsWith('application/problem+json') && answer.body.status === answer.status;
        if (answer.status < 400 || answer.status >= 500 || !isProblem) wrong.push(told);
        else if (status !== undefined && answer.status !== status) wrong.push(`expected ${status}: ${told}`);
        else if (
          field !== undefined &&
          answer.body.problems?.some((problem) => problem.path.startsWith(field)) !== true
        )
          wrong.push(`no problem with ${field}: ${told}`);
      }
      expect(wrong).toEqual([]);
      expect(await api.a.get(`/tickets/${ticket.id}`)).toEqual(ticket);
      expect(await api.a.messages(ticket.id)).toHaveLength(1);
    }, 60_000);

    it('lists all problems at once', async () => {
      const answer = await system().api.a.call<{ problems: { path: string; message: string }[] }>(
        'GET',
        '/api/v1/tickets?limit=0&channel=pigeon&status=x',
      );
      expect(answer.body.problems.map(({ path }) => path).sort()).toEqual(['channel', 'limit', 'status']);
      for (const { message } of answer.body.problems) expect(message.length).toBeGreaterThan(5);
    });
  });
}
