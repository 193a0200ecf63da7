import type { FixtureTicket } from './fixture-data.js';

const customer = { kind: 'email', id: 'grace@example.com', name: 'Grace Hill' };
const agent = { kind: 'agent', id: 'operator', name: 'Operator' };
const support = { kind: 'email', id: 'support@example.com', name: null, role: 'to' };

const HTML = `<div style="font-family:Georgia,serif;color:#223"><p>Hello,</p><p>the <b>blue lamp</b> came with a <span style="background-color:#ffe08a">crack</span> in its foot.</p>
<script>window.parent.document.title = 'owned'</script><img src="https://tracker.example/pixel.gif" alt="our logo" onerror="document.title='owned'"><a href="javascript:alert(1)">press</a>
<a href="https://shop.example/orders/1042">order 1042</a><table border="1" cellpadding="6"><tr><td>Lamp</td><td>39,00 €</td></tr></table></div>`;

/** A conversation with everything a ticket page has to show. `<img onerror>` in a text must stay text. */
export function makeMessages(ticket: FixtureTicket): Record<string, unknown>[] {
  const start = Date.parse(ticket.created_at);
  const at = (minutes: number): string => new Date(start + minutes * 60_000).toISOString();
  const base = {
    ticket_id: ticket.id,
    channel: 'email',
    to: [support],
    subject: ticket.subject,
    html: null,
    quoted_text: null,
    attachments: [],
    provider_message_id: null,
    provider_time: null,
    flags: [],
    visibility: null,
    reactions: [],
    amends: null,
    template: null,
    delivery: null,
  };
  const inbound = { ...base, direction: 'inbound', kind: 'public', from: customer };
  const outbound = {
    ...base,
    direction: 'outbound',
    kind: 'public',
    from: agent,
    threading: { rule: 'agent', evidence: null },
  };
  return [
    {
      ...inbound,
      id: 'm1',
      text: 'Hello,\n\nthe blue lamp of order 1042 came with a crack in its foot: <img src=x onerror="document.title=\'owned\'">. See https://shop.example/orders/1042.\n\nGrace',
      html: HTML,
      attachments: [
        { name: 'crack.jpg', content_type: 'image/jpeg', size: 284_113, sha256: 'a'.repeat(64) },
        {
          name: 'Rechnung März 2026 (Kopie).pdf',
          content_type: 'application/pdf',
          size: 48_201,
          sha256: 'b'.repeat(64),
        },
      ],
      provider_time: at(-2),
      received_at: at(0),
      threading: { rule: 'new', evidence: null },
    },
    {
      ...outbound,
      id: 'm2',
      text: 'Dear Grace,\n\nI am sorry about that. A new lamp is on its way; you need not send the broken one back.\n\nKind regards',
      received_at: at(14),
      delivery: { status: 'delivered', provider_message_id: 'x', code: null, reason: null, at: at(15) },
    },
    {
      ...outbound,
      id: 'm3',
      kind: 'note',
      text: 'Third cracked foot this week. Told the warehouse.',
      received_at: at(16),
    },
    {
      ...inbound,
      id: 'm4',
      kind: 'event',
      subject: 'Out of office: Re: Refund for the blue lamp',
      text: 'I am away until Monday.',
      provider_time: at(17),
      received_at: at(17),
      threading: { rule: 'references', evidence: 'reference 1: <m2@fanin.example>' },
      flags: ['auto_reply'],
    },
    {
      ...inbound,
      id: 'm5',
      text: 'That is very kind, thank you! Could it go to my office instead?',
      quoted_text: 'On Saturday Operator wrote:\n> Dear Grace,\n> I am sorry about that.',
      provider_time: at(40),
      received_at: at(95),
      threading: { rule: 'reply_token', evidence: 'reply token 0193a5c2' },
      flags: ['charset_guessed'],
    },
    {
      ...outbound,
      id: 'm6',
      text: 'Of course. Which address is it?',
      received_at: at(110),
      delivery: {
        status: 'failed',
        provider_message_id: null,
        code: 'PERMISSION',
        reason: 'The mailbox is full (5.2.2)',
        at: at(112),
      },
    },
  ];
}
