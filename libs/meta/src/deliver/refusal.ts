import type { SendOutcome } from '@fanin/connector-kit';
import type { OutboundMessageV1 } from '@fanin/contracts';

export type Failed = Extract<SendOutcome, { status: 'failed' }>;

export function refused(reason: string): Failed {
  return { status: 'failed', code: 'UNSUPPORTED', reason };
}

/** What these channels cannot send, whatever the window says. */
export function plainTextOnly(message: OutboundMessageV1, templates: boolean): Failed | undefined {
  if (message.attachments.length > 0) return refused('this channel sends no attachments; put a link into the text');
  if (message.template !== undefined && !templates) return refused('this channel has no templates');
  return undefined;
}

/** When a window ended, in words for the person who wrote the reply. */
export function closedSince(windowFrom: string, lengthMs: number, rule: string): Failed {
  const ended = new Date(Date.parse(windowFrom) + lengthMs).toISOString();
  return refused(`the window "${rule}" closed at ${ended}: the customer wrote last at ${windowFrom}`);
}
