import { refused, unsure, type Answer, type Door, type DrivenMessage } from '../door.js';
import { Agent, type AgentSpec } from './agent.js';

export interface RepliesDoorSpec extends AgentSpec {
  readonly kind: 'replies';
}

/** Agents who answer the newest tickets over the REST API, each reply under an Idempotency-Key of its own. */
export class RepliesDoor implements Door {
  readonly name = 'replies';
  readonly account: string;
  readonly textBytes = 200;
  private readonly agent: Agent;

  constructor(spec: RepliesDoorSpec) {
    this.account = spec.account;
    this.agent = new Agent(spec);
  }

  idOf(run: string, sequence: number): string {
    return `${run}-r${sequence}`;
  }

  async send({ id, conversation, party, text }: DrivenMessage): Promise<Answer> {
    try {
      const ticket = await this.agent.ticketFor(conversation, party);
      if (ticket === undefined) return refused('no ticket yet');
      return await this.agent.calls.answerTo(this.agent.about(ticket, 'POST', '/replies', { text }, id));
    } catch (error) {
      return unsure(error);
    }
  }

  close(): Promise<void> {
    this.agent.calls.close();
    return Promise.resolve();
  }
}
