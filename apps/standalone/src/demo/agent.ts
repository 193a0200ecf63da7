import type { SampleAnswer } from './sample-hour.js';

interface TicketRow {
  readonly id: string;
  readonly subject: string | null;
  readonly account_id: string;
  readonly customer: { readonly name: string | null };
}

/** The sample shop's agent: answers over the public API with a key of the demo tenant, like any other client. */
export async function answerTickets(
  url: string,
  key: string,
  answers: readonly SampleAnswer[],
  signal: AbortSignal,
): Promise<void> {
  const call = async (method: string, path: string, body?: object): Promise<unknown> => {
    const answer = await fetch(`${url}/api/v1${path}`, {
      method,
      signal,
      headers: {
        authorization: `Bearer ${key}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (!answer.ok) throw new Error(`${method} ${path} was answered ${answer.status}`);
    return answer.json();
  };
  const tickets = ((await call('GET', '/tickets?limit=100')) as { data: TicketRow[] }).data;
  for (const { to, text, solves } of answers) {
    const ticket = tickets.find(
      ({ subject, customer, account_id: account }) => subject === to || (customer.name ?? account) === to,
    );
    if (ticket === undefined) continue;
    await call('POST', `/tickets/${ticket.id}/replies`, { text });
    if (solves) await call('PATCH', `/tickets/${ticket.id}`, { status: 'solved' });
  }
}

/** Resolves when the demo tenant has that many tickets. */
export async function ticketsThere(
  url: string,
  key: string,
  count: number,
  pause: () => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    const answer = await fetch(`${url}/api/v1/tickets?limit=100`, {
      signal,
      headers: { authorization: `Bearer ${key}` },
    });
    const { data } = (await answer.json()) as { data: unknown[] };
    if (data.length >= count) return;
    await pause();
  }
}
