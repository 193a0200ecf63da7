import type { EventMessage, FieldChange, OutboundMessageV1, Party, Recipient } from '@fanin/contracts';
import { isoTime, uuidv7 } from '@fanin/kernel';
import { invalidInput, type Principal } from '@fanin/platform';
import type { PoolClient } from 'pg';
import { recordEvent } from '../events/ticket-events.js';
import { afterAgentReply, isReopening } from '../lifecycle/lifecycle.js';
import { queueForSearch } from '../search/search-queue.js';
import { insertMessages, type NewMessage } from '../tickets/message-rows.js';
import { updateTickets } from '../tickets/ticket-rows.js';
import type { TicketState } from '../tickets/ticket-state.js';
import { conversationEnd, replySubject, type ConversationEnd } from './conversation-end.js';
import { claimKey, idempotentRequest } from './idempotency.js';
import type { NoteInput, ReplyInput } from './inputs.js';
import { chooseAnswer, type Answer } from './answer-choice.js';
import { changeStatus, conflict, lockTicket, type CommandDependencies } from './ticket-patches.js';
import { getMessage } from './ticket-queries.js';
import type { MessageView } from './views.js';

interface Request<T> {
  readonly principal: Principal;
  readonly ticketId: string;
  readonly input: T;
  readonly idempotencyKey: string | undefined;
}

/** Writes a reply, queues it for delivery and tells of it, all in one transaction. */
export function addReply(deps: CommandDependencies, asked: Request<ReplyInput>): Promise<MessageView> {
  const request = { ...asked, input: { ...asked.input, text: textOf(asked.input) } };
  return addOnce(deps, 'reply', request, async (client, ticket, id, now) => {
    if (ticket.status === 'closed')
      throw conflict('The ticket is closed for good; a new message of the customer opens a follow-up.');
    const end = await conversationEnd(client, ticket);
    if (end === undefined) throw conflict('The ticket has no message of a customer that could be answered.');
    const answer = await chooseAnswer(client, ticket, end, request.input, deps.clock.now());
    const statusBefore = ticket.status;
    const changes = changeStatus(ticket, afterAgentReply(ticket.status, request.input.status), now);
    ticket.firstRepliedAt ??= now;
    const type = isReopening(statusBefore, ticket.status) ? 'ticket.reopened' : 'message.added';
    const message = agentMessage(deps, request, { ticket, id, now, kind: 'public', end, type, changes, answer });
    await deps.publishing.outbound(client, outboundOf(ticket, message.row, end, request.principal, answer));
    return message;
  });
}

/** Who sends a template need not write out what it says. */
function textOf({ text, template }: ReplyInput): string {
  if (text !== undefined) return text;
  if (template === undefined)
    throw invalidInput([{ path: 'text', message: 'is missing', example: 'It is on its way.' }]);
  const values = Object.values(template.variables ?? {});
  return `Template ${template.id}${values.length === 0 ? '' : `: ${values.join(', ')}`}`;
}

export function addNote(deps: CommandDependencies, request: Request<NoteInput>): Promise<MessageView> {
  return addOnce(deps, 'note', request, async (client, ticket, id, now) => {
    const end = await conversationEnd(client, ticket);
    return agentMessage(deps, request, { ticket, id, now, kind: 'note', end, type: 'message.added', changes: [] });
  });
}

interface Made {
  readonly row: NewMessage;
  readonly event: ReturnType<typeof recordEvent>;
}

async function addOnce<T extends NoteInput>(
  deps: CommandDependencies,
  what: 'reply' | 'note',
  request: Request<T>,
  make: (client: PoolClient, ticket: TicketState, id: string, now: string) => Promise<Made>,
): Promise<MessageView> {
  const { principal, ticketId, input, idempotencyKey } = request;
  if (input.text.trim() === '')
    throw invalidInput([{ path: 'text', message: 'must not be empty', example: 'It is on its way.' }]);
  const idempotent = idempotentRequest(idempotencyKey, what, ticketId, input);
  const view = await deps.database.transaction(principal.tenant, async (client) => {
    const ticket = await lockTicket(client, ticketId);
    const now = isoTime(deps.clock.now());
    const id = uuidv7(deps.clock.now());
    const earlier =
      idempotent === undefined ? undefined : await claimKey(client, ticket.tenant, principal, idempotent, id, now);
    if (earlier !== undefined) return getMessage(client, earlier);
    const made = await make(client, ticket, id, now);
    await insertMessages(client, [made.row]);
    await updateTickets(client, [ticket]);
    await queueForSearch(client, [made.row]);
    await deps.publishing.events(client, [made.event]);
    return getMessage(client, id);
  });
  deps.crashPoints?.at('tickets.reply-committed');
  return view;
}

interface Making {
  readonly ticket: TicketState;
  readonly id: string;
  readonly now: string;
  readonly kind: 'public' | 'note';
  readonly end: ConversationEnd | undefined;
  readonly type: 'message.added' | 'ticket.reopened';
  readonly changes: readonly FieldChange[];
  readonly answer?: Answer;
}

function agentMessage(deps: CommandDependencies, { principal, input }: Request<NoteInput>, making: Making): Made {
  const { ticket, id, now, kind, end, changes } = making;
  const isReply = kind === 'public';
  const message: EventMessage = {
    id,
    direction: 'outbound',
    kind,
    channel: end?.channel ?? ticket.channel,
    provider_time: null,
    received_at: now,
    delivery_status: isReply ? 'queued' : null,
  };
  const actor = { type: 'agent', id: principal.id } as const;
  const event = recordEvent(ticket, { type: making.type, occurredAt: now, recordedAt: now, actor, message, changes });
  const to: Recipient[] = isReply ? (end?.to ?? []).map((party) => ({ ...party, role: 'to' })) : [];
  const row: NewMessage = {
    id,
    tenant: ticket.tenant,
    ticketId: ticket.id,
    seq: ticket.lastSeq,
    accountId: end?.accountId ?? ticket.accountId,
    providerMessageId: null,
    part: 0,
    deliveryId: null,
    conversationKey: end?.conversationKey ?? '',
    direction: 'outbound',
    kind,
    channel: message.channel,
    channelSlug: end?.channelSlug ?? '',
    subject: isReply ? replySubject(ticket, message.channel) : null,
    text: input.text.replaceAll('\u0000', ''),
    html: null,
    quotedText: null,
    details: {
      from: { kind: 'agent', id: principal.id, name: principal.name },
      to,
      attachments: [],
      flags: [],
      threading: { rule: isReply ? 'reply' : 'note', evidence: null },
      provider_fields: {},
      body_ref: null,
      ...(isReply && end !== undefined ? { answers: end.messageId } : {}),
      ...making.answer,
    },
    providerTime: null,
    receivedAt: now,
    delivery: isReply ? { status: 'queued', provider_message_id: null, code: null, reason: null, at: now } : null,
  };
  return { row, event };
}

function outboundOf(
  ticket: TicketState,
  row: NewMessage,
  end: ConversationEnd,
  principal: Principal,
  answer: Answer,
): OutboundMessageV1 {
  return {
    outbound_id: row.id,
    tenant: ticket.tenant,
    account_id: row.accountId,
    channel: row.channel,
    channel_slug: row.channelSlug,
    ticket_id: ticket.id,
    ticket_number: ticket.number,
    conversation_key: end.conversationKey,
    kind: 'reply',
    to: end.to.map((party): Party => ({ kind: party.kind, id: party.id, name: party.name })),
    author_name: principal.name.slice(0, 255),
    subject: row.subject,
    text: row.text,
    attachments: [],
    in_reply_to: end.inReplyTo,
    references: [...end.references],
    provider_fields: { ...end.providerFields },
    created_at: row.receivedAt,
    ...answer,
  };
}
