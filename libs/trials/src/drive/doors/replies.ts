import type { Answer, DrivenMessage } from '../door.js';
import { AgentDoor, type AgentSpec } from './agent.js';

export interface RepliesDoorSpec extends AgentSpec {
  readonly kind: 'replies';
}

/** Agents who answer the newest tickets over the REST API, each reply under an Idempotency-Key of its own. */
export class RepliesDoor extends AgentDoor<RepliesDoorSpec> {
  readonly name = 'replies';
  readonly textBytes = 200;

  idOf(run: string, sequence: number): string {
    return `${run}-r${sequence}`;
  }

  protected act(ticket: string, { id, text }: DrivenMessage): Promise<Answer> {
    return this.about(ticket, 'POST', '/replies', { text }, id);
  }
}
