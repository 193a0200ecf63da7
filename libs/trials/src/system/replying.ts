import type { Api, Answer } from './api.js';
import type { MessageView } from './api-types.js';

export interface ReplyBody {
  readonly text: string;
  readonly status?: string;
  readonly visibility?: 'public' | 'private';
  readonly template?: {
    readonly id: string;
    readonly language?: string;
    readonly variables?: Readonly<Record<string, string>>;
  };
}

/** A reply that the service may refuse. */
export function tryReply(api: Api, ticketId: string, body: ReplyBody): Promise<Answer<MessageView>> {
  return api.call('POST', `/api/v1/tickets/${ticketId}/replies`, { body });
}

/** A reply that the service takes. */
export async function reply(api: Api, ticketId: string, body: ReplyBody): Promise<MessageView> {
  const answer = await tryReply(api, ticketId, body);
  if (answer.status !== 201) throw new Error(`reply: ${answer.status} ${answer.text}`);
  return answer.body;
}

/** The reply once it has come so far. */
export function delivered(
  api: Api,
  { ticket_id: ticketId, id }: MessageView,
  status: string,
  timeoutMs = 30_000,
): Promise<MessageView> {
  return api.message(ticketId, (message) => message.id === id && message.delivery?.status === status, timeoutMs);
}
