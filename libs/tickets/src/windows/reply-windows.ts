import type { ReplyWindow, Visibility } from '@fanin/contracts';
import type { StoredWindows } from '../schema/entities/ticket.entity.js';

/** A window as it stands at a moment. Wire names. */
export interface WindowState extends ReplyWindow {
  readonly open: boolean;
  /** Null without end, 0 when closed. */
  readonly seconds_left: number | null;
}

/** `answered`: visibilities in which the message that opened the windows was answered already. Open ones first. */
export function windowStates(
  stored: StoredWindows | null,
  answered: ReadonlySet<Visibility>,
  nowMs: number,
): readonly WindowState[] {
  const states = (stored?.windows ?? []).map((window) => {
    const leftMs = window.until === null ? null : Date.parse(window.until) - nowMs;
    const open = (leftMs === null || leftMs > 0) && !(window.once && answered.has(window.visibility));
    return { ...window, open, seconds_left: !open ? 0 : leftMs === null ? null : Math.floor(leftMs / 1000) };
  });
  return states.sort((a, b) => Number(b.open) - Number(a.open));
}

export interface WantedAnswer {
  readonly visibility: Visibility;
  readonly sends: ReplyWindow['sends'];
}

/** Why this answer may not be sent now and what may be instead; undefined when it may. No windows are no limits. */
export function windowRefusal(
  wanted: WantedAnswer,
  windows: readonly WindowState[],
  nowMs: number,
): string | undefined {
  if (windows.length === 0) return undefined;
  const meant = windows.filter(({ visibility, sends }) => visibility === wanted.visibility && sends === wanted.sends);
  if (meant.some(({ open }) => open)) return undefined;
  const reasons = meant.map((window) => closingOf(window, nowMs));
  const reason =
    reasons.length > 0 ? reasons.join(' ') : `This conversation takes no ${nameOf(wanted.visibility, wanted.sends)}.`;
  const rest = [
    ...new Set(windows.filter(({ open }) => open).map(({ visibility, sends }) => nameOf(visibility, sends))),
  ];
  const still =
    rest.length > 0 ? `Still possible: ${rest.join(', ')}.` : 'Nothing can be sent until the customer writes again.';
  return `${reason} ${still}`;
}

function closingOf({ rule, visibility, sends, until, once }: WindowState, nowMs: number): string {
  const what = `The window for a ${nameOf(visibility, sends)} (${rule})`;
  const hasEnded = until !== null && Date.parse(until) <= nowMs;
  if (once && !hasEnded) return `${what} takes one answer, which was given.`;
  return `${what} closed on ${until ?? 'an unknown day'}.`;
}

function nameOf(visibility: Visibility, sends: ReplyWindow['sends']): string {
  return sends === 'template' ? `${visibility} template` : `${visibility} answer`;
}
