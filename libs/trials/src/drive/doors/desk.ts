import { refused, unsure, type Answer, type Door, type DrivenMessage } from '../door.js';
import { Agent, type AgentSpec } from './agent.js';

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
export class DeskDoor implements Door {
  readonly name = 'desk';
  readonly account: string;
  readonly textBytes = 100;
  private readonly agent: Agent;

  constructor(spec: DeskDoorSpec) {
    this.account = spec.account;
    this.agent = new Agent(spec);
  }

  idOf(run: string, sequence: number): string {
    return `${run}-d${sequence}`;
  }

  async send({ id, conversation, party, n, text }: DrivenMessage): Promise<Answer> {
    try {
      const ticket = await this.agent.ticketFor(conversation, party);
      if (ticket === undefined) return refused('no ticket yet');
      const noted = await this.agent.calls.answerTo(this.agent.about(ticket, 'POST', '/notes', { text }, id));
      if (noted.kind !== 'acknowledged') return noted;
      const change = { ...STEPS[(n - 1) % STEPS.length], tags: [id] };
      return await this.agent.calls.answerTo(this.agent.about(ticket, 'PATCH', '', change));
    } catch (error) {
      return unsure(error);
    }
  }

  close(): Promise<void> {
    this.agent.calls.close();
    return Promise.resolve();
  }
}
