import type { TemplateUse, Visibility } from '@fanin/contracts';
import { ProblemException } from '@fanin/platform';
import type { PoolClient } from 'pg';
import type { TicketState } from '../tickets/ticket-state.js';
import { answeredOf } from '../windows/answered.js';
import { optOutOf } from '../windows/opted-out.js';
import { windowRefusal, windowStates } from '../windows/reply-windows.js';
import type { ConversationEnd } from './conversation-end.js';
import type { ReplyInput } from './inputs.js';

/** How a reply goes out, beside its words. Wire names. */
export interface Answer {
  readonly visibility?: Visibility;
  readonly template?: TemplateUse;
}

/**
 * What the agent chose, else the visibility of the message that is answered. Throws 409 when the provider would refuse it: it
 * is better to learn that here than from a receipt.
 */
export async function chooseAnswer(
  client: PoolClient,
  ticket: TicketState,
  end: ConversationEnd,
  { visibility: asked, template }: ReplyInput,
  nowMs: number,
): Promise<Answer> {
  const visibility = asked ?? end.visibility;
  if (asked === 'public' && end.visibility !== 'public')
    throw refused(
      'The message that is answered is not public, so the answer cannot be. Still possible: private answer.',
    );
  const optOut = await optOutOf(client, { ticketId: ticket.id, ...end });
  if (optOut !== undefined)
    throw refused(
      `The customer opted out of messages with "${optOut.words}" at ${optOut.at}. Nothing can be sent until the customer opts in again.`,
    );
  const answered = await answeredOf(client, [ticket]);
  const windows = windowStates(ticket.replyWindows, answered.get(ticket.id) ?? new Set(), nowMs);
  const wanted = { visibility: visibility ?? 'private', sends: template === undefined ? 'text' : 'template' } as const;
  const refusal = windowRefusal(wanted, windows, nowMs);
  if (refusal !== undefined) throw refused(refusal);
  return {
    ...(visibility === null ? {} : { visibility }),
    ...(template === undefined
      ? {}
      : {
          template: {
            id: template.id,
            ...(template.language === undefined ? {} : { language: template.language }),
            variables: { ...template.variables },
          },
        }),
  };
}

function refused(detail: string): ProblemException {
  return new ProblemException(409, 'reply_window', 'The channel takes no such answer now', detail);
}
