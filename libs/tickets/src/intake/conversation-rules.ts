import type { InboundMessageV1 } from '@fanin/contracts';
import { recordEvent } from '../events/ticket-events.js';
import { storableOrNull } from '../schema/storable.js';
import type { TicketState } from '../tickets/ticket-state.js';
import type { PlanContext } from './plan-context.js';

/** Takes in what a message says beside its words: how the conversation may be answered from now on, and tasks. */
export function noteRules(
  context: PlanContext,
  message: InboundMessageV1,
  ticket: TicketState,
  kind: 'public' | 'event',
): void {
  if (message.task !== undefined) addTask(context, message, ticket, message.task);
  if (message.reply_windows === undefined) {
    // A customer's message without windows says that there are none; what machines and amendments leave out says nothing.
    const isWord = kind === 'public' && message.author !== 'account';
    if (!isWord || ticket.replyWindows === null) return;
  }
  const at = message.provider_time ?? message.received_at;
  const known = ticket.replyWindows;
  // What was fetched after an outage does not put back the clock.
  if (known !== null && Date.parse(at) < Date.parse(known.at)) return;
  ticket.replyWindows =
    message.reply_windows === undefined
      ? null
      : { message_id: message.message_id, at, windows: message.reply_windows.map((window) => ({ ...window })) };
  context.result.ruled.add(ticket);
}

function addTask(
  context: PlanContext,
  message: InboundMessageV1,
  ticket: TicketState,
  task: NonNullable<InboundMessageV1['task']>,
): void {
  const { now, newId } = context.options;
  context.result.tasks.push({
    id: newId(),
    tenant: ticket.tenant,
    ticketId: ticket.id,
    messageId: message.message_id,
    kind: task.kind,
    dueAt: task.due_at,
    note: storableOrNull(task.note),
    createdAt: message.received_at,
  });
  context.result.events.push(
    recordEvent(ticket, {
      type: 'task.added',
      occurredAt: message.received_at,
      recordedAt: now,
      actor: { type: 'customer', id: ticket.customerId },
      changes: [{ field: 'task', from: null, to: task.kind }],
    }),
  );
}
