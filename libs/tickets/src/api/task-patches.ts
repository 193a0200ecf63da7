import { isoTime } from '@fanin/kernel';
import { notFound, type Principal } from '@fanin/platform';
import type { PoolClient } from 'pg';
import { recordEvent } from '../events/ticket-events.js';
import { tasksOf, type TaskRow } from '../tasks/task-rows.js';
import { updateTickets } from '../tickets/ticket-rows.js';
import type { TaskPatch } from './inputs.js';
import { taskView } from './ticket-view.js';
import { lockTicket, type CommandDependencies } from './ticket-patches.js';
import type { TaskView } from './views.js';

/** Marks a task as done, or as to be done again. What is so already stays as it is: who did it first is kept. */
export function patchTask(
  deps: CommandDependencies,
  principal: Principal,
  { ticketId, taskId }: { readonly ticketId: string; readonly taskId: string },
  { done }: TaskPatch,
): Promise<TaskView> {
  return deps.database.transaction(principal.tenant, async (client) => {
    const ticket = await lockTicket(client, ticketId);
    const task = await getTask(client, ticket.id, taskId);
    if ((task.done_at !== null) === done) return taskView(task);
    const now = isoTime(deps.clock.now());
    await client.query('UPDATE tickets.tasks SET done_at = $2, done_by = $3 WHERE id = $1', [
      task.id,
      done ? now : null,
      done ? principal.id : null,
    ]);
    const event = recordEvent(ticket, {
      type: done ? 'task.done' : 'task.reopened',
      occurredAt: now,
      recordedAt: now,
      actor: { type: 'agent', id: principal.id },
      changes: [{ field: 'task', from: done ? task.kind : null, to: done ? null : task.kind }],
    });
    await updateTickets(client, [ticket]);
    await deps.publishing.events(client, [event]);
    return taskView(await getTask(client, ticket.id, taskId));
  });
}

async function getTask(client: PoolClient, ticketId: string, taskId: string): Promise<TaskRow> {
  const task = (await tasksOf(client, [ticketId])).find(({ id }) => id === taskId.toLowerCase());
  if (task === undefined) throw notFound('task');
  return task;
}
