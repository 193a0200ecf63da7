import type { Codec, TicketEventV1, TicketFactV1 } from '@fanin/contracts';
import { fieldsOf, TicketFactV1 as TicketFact } from '@fanin/contracts';
import type { Clock, CrashPoints } from '@fanin/kernel';
import { storableJson, together, type Database, type Outbox } from '@fanin/platform';
import type { PoolClient } from 'pg';
import { GRACE_MS, HOUR_MS, PART_MS, startOf } from '../windows/window-columns.js';
import { applyEvent } from './apply-event.js';
import type { BacklogMove, Happening, TicketMemory, TicketState } from './ticket-state.js';

export interface FactsWriterOptions {
  readonly database: Database;
  readonly outbox: Outbox;
  readonly codec: Codec<TicketFactV1>;
  readonly topic: string;
  readonly clock: Clock;
  /** None when absent. */
  readonly crashPoints?: CrashPoints;
}

interface StoredHappening extends Happening {
  readonly tenant: string;
  readonly ticket_id: string;
  readonly late: boolean;
}

interface StoredMove extends BacklogMove {
  readonly tenant: string;
}

interface BatchResult {
  readonly states: ReadonlyMap<string, TicketState>;
  readonly happenings: readonly StoredHappening[];
  readonly moves: readonly StoredMove[];
  readonly retracted: readonly { readonly ticket_id: string; readonly seq: number; readonly kind: string }[];
}

/** An event that comes more than the grace after the hour it counts in changes the fact, not the final window. */
function isLate(happening: Happening, event: TicketEventV1): boolean {
  const hourEnd = startOf(happening.at, HOUR_MS) + HOUR_MS;
  return Date.parse(event.recorded_at) > hourEnd + GRACE_MS;
}

function applyAll(states: Map<string, TicketState>, events: readonly TicketEventV1[], now: number): BatchResult {
  const happenings: StoredHappening[] = [];
  const moves: StoredMove[] = [];
  const retracted: { ticket_id: string; seq: number; kind: string }[] = [];
  const touched = new Map<string, TicketState>();
  for (const event of events) {
    const applied = applyEvent(states.get(event.ticket_id) ?? null, event);
    if (applied === null) continue;
    const state = { ...applied.state, fact: { ...applied.state.fact, computed_at: now } };
    states.set(event.ticket_id, state);
    touched.set(event.ticket_id, state);
    for (const happening of applied.happenings)
      happenings.push({
        ...happening,
        tenant: event.tenant,
        ticket_id: event.ticket_id,
        late: isLate(happening, event),
      });
    for (const move of applied.moves) moves.push({ ...move, tenant: event.tenant });
    if (applied.retracted !== null) retracted.push({ ticket_id: event.ticket_id, ...applied.retracted });
  }
  return { states: touched, happenings, moves, retracted };
}

/**
 * Turns a batch of ticket events into facts, happenings and marks, in one transaction with the outgoing rows. A
 * batch that is delivered again changes nothing: each ticket remembers the seq it is at.
 */
export class FactsWriter {
  private readonly upsertFacts = upsertFactsSql();

  constructor(private readonly options: FactsWriterOptions) {}

  /** Events of one ticket must come in order of seq. Returns how many tickets changed. */
  async write(events: readonly TicketEventV1[]): Promise<number> {
    const { database, outbox, codec, topic, clock } = this.options;
    return database.transaction('*', async (client) => {
      const states = await this.load(client, [...new Set(events.map((event) => event.ticket_id))].sort());
      const result = applyAll(states, events, clock.now());
      if (result.states.size === 0) return 0;
      const [, , , retracted] = await together(
        this.storeFacts(client, result),
        this.storeMemories(client, result),
        this.storeHappenings(client, result),
        this.retract(client, result),
      );
      this.options.crashPoints?.at('analytics.half-written');
      const records = [...result.states.values()].map(({ fact }) =>
        codec.encode(fact, { key: fact.row_id, source: '/fanin/analytics' }),
      );
      await together(
        this.moveBacklog(client, result.moves),
        this.mark(client, result, retracted),
        outbox.add(client, topic, records),
      );
      return result.states.size;
    });
  }

  private async load(client: PoolClient, ids: readonly string[]): Promise<Map<string, TicketState>> {
    const result = await client.query<{ fact: TicketFactV1; memory: TicketMemory }>({
      name: 'fanin-analytics-load',
      text: `SELECT to_jsonb(f.*) AS fact, m.memory FROM analytics.ticket_memory m JOIN analytics.ticket_facts f USING (ticket_id)
       WHERE m.ticket_id = ANY($1) ORDER BY m.ticket_id FOR UPDATE OF m`,
      values: [ids],
    });
    return new Map(result.rows.map(({ fact, memory }) => [fact.ticket_id, { fact, memory }]));
  }

  private async storeFacts(client: PoolClient, { states }: BatchResult): Promise<void> {
    const facts = [...states.values()].map(({ fact }) => fact);
    await client.query({ name: 'fanin-analytics-facts', text: this.upsertFacts, values: [storableJson(facts)] });
  }

  private async storeMemories(client: PoolClient, { states }: BatchResult): Promise<void> {
    const rows = [...states.values()].map(({ fact, memory }) => ({
      ticket_id: fact.ticket_id,
      tenant: fact.tenant,
      seq: memory.seq,
      memory,
    }));
    await client.query({
      name: 'fanin-analytics-memories',
      text: `INSERT INTO analytics.ticket_memory (ticket_id, tenant, seq, memory)
       SELECT * FROM jsonb_to_recordset($1) AS r (ticket_id text, tenant text, seq bigint, memory jsonb)
       ON CONFLICT (ticket_id) DO UPDATE SET seq = excluded.seq, memory = excluded.memory`,
      values: [storableJson(rows)],
    });
  }

  private async storeHappenings(client: PoolClient, { happenings }: BatchResult): Promise<void> {
    if (happenings.length === 0) return;
    const columns =
      'tenant text, ticket_id text, seq bigint, kind text, at bigint, channel text, team_id text, priority text, seconds bigint, late boolean';
    await client.query({
      name: 'fanin-analytics-happenings',
      text: `INSERT INTO analytics.happenings (tenant, ticket_id, seq, kind, at, channel, team_id, priority, seconds, late)
       SELECT * FROM jsonb_to_recordset($1) AS r (${columns}) ON CONFLICT DO NOTHING`,
      values: [storableJson(happenings)],
    });
  }

  private async retract(client: PoolClient, result: BatchResult): Promise<readonly Placed[]> {
    if (result.retracted.length === 0) return [];
    const deleted = await client.query<{ row: Placed }>(
      `DELETE FROM analytics.happenings h USING jsonb_to_recordset($1) AS r (ticket_id text, seq bigint, kind text)
       WHERE h.ticket_id = r.ticket_id AND h.seq = r.seq AND h.kind = r.kind RETURNING to_jsonb(h.*) AS row`,
      [storableJson(result.retracted)],
    );
    return deleted.rows.map(({ row }) => row);
  }

  private async moveBacklog(client: PoolClient, moves: readonly StoredMove[]): Promise<void> {
    if (moves.length === 0) return;
    const rows = moves.map((move) => ({ ...move, hour_at: startOf(move.at, HOUR_MS) }));
    await client.query({
      name: 'fanin-analytics-backlog',
      text: `INSERT INTO analytics.backlog_hours AS b (tenant, channel, team_id, priority, hour_at, delta)
       SELECT tenant, channel, team_id, priority, hour_at, sum(delta)
       FROM jsonb_to_recordset($1) AS r (tenant text, channel text, team_id text, priority text, hour_at bigint, delta bigint)
       GROUP BY 1, 2, 3, 4, 5 ORDER BY 1, 2, 3, 4, 5
       ON CONFLICT (tenant, channel, team_id, priority, hour_at) DO UPDATE SET delta = b.delta + excluded.delta`,
      values: [storableJson(rows)],
    });
  }

  /**
   * Marks each part that something happened in, and the backlog from each hour on in which it moved; which windows that are, a
   * flush knows: one that is being made meanwhile cannot be seen from here. Marks of our own, although others may stand already:
   * those could be taken by a flush that does not see our happenings yet, and nothing would tell of them afterwards. Nobody
   * waits for a mark.
   */
  private async mark(client: PoolClient, result: BatchResult, retracted: readonly Placed[]): Promise<void> {
    const { happenings, moves } = result;
    const marks = [
      ...[...happenings, ...moves, ...retracted].map((placed) => markOf('part', placed, PART_MS)),
      ...moves.map((move) => markOf('backlog', move, HOUR_MS)),
    ];
    if (marks.length === 0) return;
    await client.query({
      name: 'fanin-analytics-marks',
      text: `INSERT INTO analytics.window_marks (tenant, grain, start_at, channel, team_id, priority)
       SELECT DISTINCT tenant, grain, start_at, channel, team_id, priority
       FROM jsonb_to_recordset($1) AS r (tenant text, grain text, start_at bigint, channel text, team_id text, priority text)`,
      values: [storableJson(marks)],
    });
  }
}

type Placed = Pick<StoredMove, 'tenant' | 'channel' | 'team_id' | 'priority' | 'at'>;

function markOf(
  grain: string,
  { tenant, channel, team_id, priority, at }: Placed,
  ms: number,
): Record<string, unknown> {
  return { grain, tenant, channel, team_id, priority, start_at: startOf(at, ms) };
}

function upsertFactsSql(): string {
  const columns = fieldsOf(TicketFact).map((declared) => declared.name);
  const updates = columns.filter((name) => name !== 'ticket_id').map((name) => `${name} = excluded.${name}`);
  return `INSERT INTO analytics.ticket_facts (${columns.join(', ')})
    SELECT ${columns.join(', ')} FROM jsonb_populate_recordset(NULL::analytics.ticket_facts, $1)
    ON CONFLICT (ticket_id) DO UPDATE SET ${updates.join(', ')}`;
}
