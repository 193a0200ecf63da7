import type { EchoConfig } from './config.js';
import { EchoAnswer, translate } from './errors.js';

export interface Client {
  /** Messages behind the position, oldest first, as the echo wrote them. */
  after(position: number, signal: AbortSignal): Promise<readonly { readonly at: number; readonly body: Buffer }[]>;
  close(): Promise<void>;
}

export function createClient(config: EchoConfig): Client {
  return {
    async after(position, signal) {
      try {
        const headers = { authorization: `Bearer ${config.token}` };
        const response = await fetch(`${config.url}/messages?after=${position}`, { headers, signal });
        if (!response.ok) throw new EchoAnswer(response.status);
        const list = (await response.json()) as { at: number; body: string }[];
        return list.map(({ at, body }) => ({ at, body: Buffer.from(body, 'utf8') }));
      } catch (error) {
        throw translate(error);
      }
    },
    close: async () => undefined,
  };
}
