import type { Answer, DrivenMessage } from '../door.js';
import { AgentDoor, type AgentSpec } from './agent.js';

export interface DeskDoorSpec extends AgentSpec {
  readonly kind: 'desk';
}

/** What a conversation goes through. Never closed: its next message would open a ticket of its own. */
const STEPS = [
  { priority: 'high', assignee_id: 'agent-1', team_id: 'first' },
  { status: 'pending' },
  { status: 'on_hold', team_id: 'second' },
  { status: 'solved' },
  { status: 'open', assignee_id: 'agent-2' },
  { status: 'solved', priority: 'normal' },
] as const;

/** So many changes make a conversation of the desk. */
export const DESK_TURNS = STEPS.length;

/**
 * Agents who note something down and then change the ticket: status, priority, team, assignee. Each change leaves its id as the
 * ticket's tag, so that the log tells whether, when and how often it happened.
 */
export class DeskDoor extends AgentDoor<DeskDoorSpec> {
  readonly name = 'desk';
  readonly textBytes = 100;

  idOf(run: string, sequence: number): string {
    return `${run}-d${sequence}`;
  }

  protected async act(ticket: string, { id, n, text }: DrivenMessage): Promise<Answer> {
    const noted = await this.about(ticket, 'POST', '/notes', { text }, id);
    if (noted.kind !== 'acknowledged') return noted;
    return this.about(ticket, 'PATCH', '', { ...STEPS[(n - 1) % STEPS.length], tags: [id] });
  }
}
