import { ACKNOWLEDGED, refused, unsure, type Answer, type Door, type DrivenMessage } from '../door.js';
import { HttpCalls } from './http-post.js';

export interface ReadersDoorSpec {
  readonly kind: 'readers';
  /** Of the API. */
  readonly url: string;
  readonly key: string;
}

/** Sums of fates are counted from what was captured in the time that is asked for. */
const LOOK_BACK_MS = 300_000;

/** People who look: lists, a conversation, the numbers, the sums of fates. Nothing is handed in. */
export class ReadersDoor implements Door {
  readonly name = 'readers';
  readonly account = '';
  readonly textBytes = 0;
  private readonly calls = new HttpCalls();
  private ticket: string | undefined;

  constructor(private readonly spec: ReadersDoorSpec) {}

  idOf(run: string, sequence: number): string {
    return `${run}-read-${sequence}`;
  }

  async send({ n, party }: DrivenMessage): Promise<Answer> {
    const paths = [
      '/tickets?limit=50',
      ...(this.ticket === undefined ? [] : [`/tickets/${this.ticket}`, `/tickets/${this.ticket}/messages`]),
      '/metrics/windows?grain=hour',
      '/tickets?status=open&limit=50',
      `/fates?from=${new Date(Date.now() - LOOK_BACK_MS).toISOString()}`,
      '/accounts',
    ];
    const path = paths[(n + party) % paths.length] ?? '/tickets';
    const headers = { authorization: `Bearer ${this.spec.key}` };
    try {
      const { status, body } = await this.calls.call({ method: 'GET', url: `${this.spec.url}/api/v1${path}`, headers });
      if (status !== 200) return refused(`${status} ${path.split('?')[0]?.replace(/[0-9a-f-]{36}/, '…')}`);
      if (path.startsWith('/tickets?')) this.remember(body);
      return ACKNOWLEDGED;
    } catch (error) {
      return unsure(error);
    }
  }

  close(): Promise<void> {
    this.calls.close();
    return Promise.resolve();
  }

  private remember(body: Buffer): void {
    const { data } = JSON.parse(body.toString()) as { data: readonly { id: string }[] };
    this.ticket = data[Math.floor(data.length / 2)]?.id ?? this.ticket;
  }
}
