import type { ReplyWindow, Ticket, Visibility } from '../api/types.js';
import { formatDuration } from '../format/duration.js';

/** How a ticket can be answered in one visibility. `null` visibility: the channel does not tell such things. */
export interface Way {
  readonly visibility: Visibility | null;
  /** What may be written; nothing when closed. */
  readonly sends: 'text' | 'template' | null;
  /** By the clock of this page; null without end. */
  readonly closesAt: number | null;
  readonly rule: string | null;
  /** The window that is closed, when all are. */
  readonly closed: ReplyWindow | null;
}

/**
 * The ways to answer, the usual one first. `readAt`: when the ticket was read, by the clock of this page, from which the time
 * left is counted: the clock of a reader may be wrong.
 */
export function waysOf(ticket: Ticket, readAt: number): readonly Way[] {
  const { reply_windows: windows, visibility: usual } = ticket;
  if (windows.length === 0) return [{ visibility: null, sends: 'text', closesAt: null, rule: null, closed: null }];
  const visibilities = [...new Set(windows.map(({ visibility }) => visibility))];
  const ways = visibilities.map((visibility) => wayOf(visibility, windows, readAt));
  return ways.sort((a, b) => Number(b.visibility === usual) - Number(a.visibility === usual));
}

function wayOf(visibility: Visibility, windows: readonly ReplyWindow[], readAt: number): Way {
  const own = windows.filter((window) => window.visibility === visibility);
  const open = own.filter((window) => window.open);
  const sends = open.some((window) => window.sends === 'text') ? 'text' : open.length > 0 ? 'template' : null;
  const longest = open
    .filter((window) => window.sends === sends)
    .sort((a, b) => (b.seconds_left ?? Infinity) - (a.seconds_left ?? Infinity))[0];
  const left = longest?.seconds_left ?? null;
  return {
    visibility,
    sends,
    closesAt: left === null ? null : readAt + left * 1000,
    rule: longest?.rule ?? null,
    closed: own.filter((window) => !window.open && window.sends === 'text')[0] ?? null,
  };
}

/** What the way is at this moment: a window that has run out since the ticket was read is closed. */
export function isOpen(way: Way, now: number): boolean {
  return way.sends !== null && (way.closesAt === null || way.closesAt > now);
}

/** `3 h 05 min left to answer`, or why it is closed. */
export function stateOf(way: Way, now: number): string {
  const kind = way.visibility === null ? 'answer' : `${way.visibility} answer`;
  if (!isOpen(way, now)) return `${closedWords(way, kind)} It opens again when the customer writes.`;
  if (way.sends === 'template')
    return `${closedWords(way, kind)} Only a template that the provider approved can be sent.`;
  if (way.closesAt === null) return '';
  return `${formatDuration(Math.max(0, (way.closesAt - now) / 1000))} left for a ${kind}.`;
}

function closedWords({ closed }: Way, kind: string): string {
  if (closed?.once === true && closed.seconds_left === 0 && !hasPassed(closed.until))
    return `The one ${kind} to this message was given.`;
  return `The time for a ${kind} is over.`;
}

function hasPassed(until: string | null): boolean {
  return until !== null && Date.parse(until) <= Date.now();
}

/** `name=value` lines as the variables of a template; undefined when a line is neither empty nor that. */
export function readVariables(text: string): Readonly<Record<string, string>> | undefined {
  const variables: Record<string, string> = {};
  for (const line of text.split('\n')) {
    if (line.trim() === '') continue;
    const [, name, value] = /^\s*([\w.-]+)\s*=\s*(.*?)\s*$/u.exec(line) ?? [];
    if (name === undefined || value === undefined) return undefined;
    variables[name] = value;
  }
  return variables;
}
