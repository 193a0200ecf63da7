import type { ReplyWindow } from '@fanin/contracts';

export const HOUR_MS = 3_600_000;
export const DAY_MS = 24 * HOUR_MS;
/** Standard messaging and customer service: from the customer's last message. */
export const STANDARD_MS = DAY_MS;
/** HUMAN_AGENT (developers.facebook.com/docs/messenger-platform/send-messages/message-tags) and private replies to comments. */
export const SEVEN_DAYS_MS = 7 * DAY_MS;
/** A live broadcast ends after four hours at the latest; a private reply to its comments is taken only while it lasts. */
export const LIVE_MS = 4 * HOUR_MS;

function after(time: string, ms: number): string {
  return new Date(Date.parse(time) + ms).toISOString();
}

/** Counted from the provider's time alone, so that a replay gives the same. */
export function directWindows(time: string): readonly ReplyWindow[] {
  const window = { visibility: 'private', sends: 'text', once: false } as const;
  return [
    { ...window, rule: 'standard', until: after(time, STANDARD_MS) },
    { ...window, rule: 'human_agent', until: after(time, SEVEN_DAYS_MS) },
  ];
}

/** A comment is answered in public without end, and privately once. */
export function commentWindows(time: string, privateForMs: number | undefined): readonly ReplyWindow[] {
  const open: ReplyWindow = { visibility: 'public', rule: 'comment', sends: 'text', until: null, once: false };
  if (privateForMs === undefined) return [open];
  const until = after(time, privateForMs);
  return [open, { visibility: 'private', rule: 'private_reply', sends: 'text', until, once: true }];
}
