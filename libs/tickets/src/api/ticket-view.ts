import type { ChannelFamily, Priority, TicketStatus, Visibility } from '@fanin/contracts';
import type { PoolClient } from 'pg';
import type { StoredWindows } from '../schema/entities/ticket.entity.js';
import { tasksOf, type TaskRow } from '../tasks/task-rows.js';
import { answeredOf } from '../windows/answered.js';
import { windowStates } from '../windows/reply-windows.js';
import type { TaskView, TicketView } from './views.js';

export interface TicketRow {
  id: string;
  number: string;
  subject: string | null;
  status: TicketStatus;
  priority: Priority;
  channel: ChannelFamily;
  account_id: string;
  tags: string[];
  team_id: string | null;
  assignee_id: string | null;
  customer_id: string;
  customer_name: string | null;
  created_at: Date;
  updated_at: Date;
  first_replied_at: Date | null;
  solved_at: Date | null;
  closed_at: Date | null;
  follow_up_of: string | null;
  followed_up_by: string | null;
  visibility: Visibility | null;
  reply_windows: StoredWindows | null;
}

export const TICKET_SELECT = `
SELECT t.id, t.number, t.subject, t.status, t.priority, t.channel, t.account_id, t.tags, t.team_id, t.assignee_id, t.customer_id,
       coalesce(c.name, substring(t.participants[1] FROM '^phone:(.*)$')) AS customer_name, t.created_at, t.updated_at, t.first_replied_at, t.solved_at, t.closed_at, t.follow_up_of, t.followed_up_by,
       t.visibility, t.reply_windows
FROM tickets.tickets t LEFT JOIN tickets.customers c ON c.id = t.customer_id`;

/** The rows as the API shows them, with their tasks and with their windows as they stand at that moment. */
export async function ticketViews(
  client: PoolClient,
  rows: readonly TicketRow[],
  nowMs: number,
): Promise<TicketView[]> {
  const tasks = await tasksOf(
    client,
    rows.map(({ id }) => id),
  );
  const answered = await answeredOf(
    client,
    rows.map(({ id, reply_windows }) => ({ id, replyWindows: reply_windows })),
  );
  return rows.map((row) => ({
    ...plainView(row),
    visibility: row.visibility,
    reply_windows: windowStates(row.reply_windows, answered.get(row.id) ?? new Set(), nowMs).map((state) => ({
      ...state,
    })),
    tasks: tasks.filter(({ ticket_id }) => ticket_id === row.id).map(taskView),
  }));
}

function timeOf(date: Date | null): string | null {
  return date === null ? null : date.toISOString();
}

function plainView(row: TicketRow): Omit<TicketView, 'visibility' | 'reply_windows' | 'tasks'> {
  return {
    id: row.id,
    number: Number(row.number),
    subject: row.subject,
    status: row.status,
    priority: row.priority,
    channel: row.channel,
    account_id: row.account_id,
    tags: row.tags,
    team_id: row.team_id,
    assignee_id: row.assignee_id,
    customer: { id: row.customer_id, name: row.customer_name },
    created_at: row.created_at.toISOString(),
    updated_at: row.updated_at.toISOString(),
    first_replied_at: timeOf(row.first_replied_at),
    solved_at: timeOf(row.solved_at),
    closed_at: timeOf(row.closed_at),
    follow_up_of: row.follow_up_of,
    followed_up_by: row.followed_up_by,
  };
}

export function taskView(row: TaskRow): TaskView {
  return {
    id: row.id,
    kind: row.kind,
    due_at: timeOf(row.due_at),
    note: row.note,
    created_at: row.created_at.toISOString(),
    done_at: timeOf(row.done_at),
    done_by: row.done_by,
  };
}
