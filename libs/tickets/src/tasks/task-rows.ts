import type { PoolClient } from 'pg';

export interface NewTask {
  readonly id: string;
  readonly tenant: string;
  readonly ticketId: string;
  readonly messageId: string;
  readonly kind: string;
  readonly dueAt: string | null;
  readonly note: string | null;
  readonly createdAt: string;
}

export async function insertTasks(client: PoolClient, tasks: readonly NewTask[]): Promise<void> {
  if (tasks.length === 0) return;
  await client.query(
    `INSERT INTO tickets.tasks (id, tenant, ticket_id, message_id, kind, due_at, note, created_at)
     SELECT * FROM unnest($1::uuid[], $2::text[], $3::uuid[], $4::text[], $5::text[], $6::timestamptz[], $7::text[], $8::timestamptz[])`,
    [
      tasks.map((task) => task.id),
      tasks.map((task) => task.tenant),
      tasks.map((task) => task.ticketId),
      tasks.map((task) => task.messageId),
      tasks.map((task) => task.kind),
      tasks.map((task) => task.dueAt),
      tasks.map((task) => task.note),
      tasks.map((task) => task.createdAt),
    ],
  );
}

export interface TaskRow {
  id: string;
  ticket_id: string;
  kind: string;
  due_at: Date | null;
  note: string | null;
  created_at: Date;
  done_at: Date | null;
  done_by: string | null;
}

/** Tasks of the tickets, oldest first. */
export async function tasksOf(client: PoolClient, ticketIds: readonly string[]): Promise<readonly TaskRow[]> {
  if (ticketIds.length === 0) return [];
  const { rows } = await client.query<TaskRow>(
    `SELECT id, ticket_id, kind, due_at, note, created_at, done_at, done_by FROM tickets.tasks
     WHERE ticket_id = ANY ($1::uuid[]) ORDER BY created_at, id`,
    [ticketIds],
  );
  return rows;
}
