import { randomInt, randomUUID } from 'node:crypto';
import type { SimulatedMeta } from '@fanin/simulated-accounts';
import type { Api } from './api.js';
import type { MessageView, TicketView } from './api-types.js';
import { Customers } from './customers.js';
import type { SystemUnderTest } from './system.js';
import { until } from './until.js';

type MetaSimulator = SimulatedMeta['simulator'];
export type MetaInbound = Parameters<MetaSimulator['inbound']>[0];
export type MetaSent = ReturnType<MetaSimulator['sent']>[number];

/** What a customer did at Meta. */
export interface Said extends ReturnType<MetaSimulator['inbound']> {
  /** Who it was, as agents see it. */
  readonly author: string;
}

/** A message where an agent finds it. */
export interface Seen {
  readonly ticket: TicketView;
  readonly message: MessageView;
}

/** Shop A at Meta: customers act at the simulator, agents see tickets. */
export class MetaDesk {
  readonly customers: Customers;

  constructor(private readonly system: () => SystemUnderTest) {
    this.customers = new Customers(() => this.api, 'social');
  }

  get api(): Api {
    return this.system().api.a;
  }

  get meta(): MetaSimulator {
    return this.system().vendors.meta.simulator;
  }

  /** A customer acts; resolves when Meta has delivered it. */
  async says(body: MetaInbound): Promise<Said> {
    const done = this.meta.inbound(body);
    await this.meta.idle();
    return { ...done, author: authorOf(body, done) };
  }

  /** The message of that name on a ticket, here or still to come. */
  seen({ author, id }: Said): Promise<Seen> {
    return this.customers.withMessage(author, (message) => message.provider_message_id === id);
  }

  /** A customer who has just written, and the ticket of that. */
  async opened(body: MetaInbound): Promise<Seen & { readonly said: Said }> {
    const said = await this.says(body);
    return { ...(await this.seen(said)), said };
  }

  ticket(id: string): Promise<TicketView> {
    return this.api.get(`/tickets/${id}`);
  }

  /** What our side sent with exactly these words. */
  sent(text: string): readonly MetaSent[] {
    return this.meta.sent().filter((sent) => sent.text === text);
  }

  sentOnce(text: string): Promise<MetaSent> {
    return until(`"${text}" at Meta`, () => this.sent(text)[0]);
  }

  /** Whole seconds: some platforms tell no more. */
  ago(hours: number): string {
    return new Date(Math.floor(Date.now() / 1000 - hours * 3_600) * 1000).toISOString();
  }
}

function authorOf({ channel }: MetaInbound, { from, account }: { from: string; account: string }): string {
  if (channel === 'whatsapp') return `+${from}`;
  const platform = channel === 'messenger' || channel === 'page_comment' ? 'messenger' : 'instagram';
  return `${platform}:${account}:${from}`;
}

/** Words that nobody else says, a name that nobody else has. */
export function unique(words: string): string {
  return `${words} ${randomUUID().slice(0, 8)}`;
}

/** A WhatsApp number that nobody has used in this run. */
export function newWhatsappNumber(): string {
  return `49151${randomInt(10_000_000, 99_999_999)}`;
}
