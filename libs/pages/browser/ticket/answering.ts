import type { ReplyWindow, Ticket, Visibility } from '../api/types.js';
import { formatDuration } from '../format/duration.js';
import { humanise } from '../format/words.js';

interface Rule {
  readonly name: string;
  /** By the clock of this page; null without end. */
  readonly closesAt: number | null;
}

/** How a ticket can be answered in one visibility. `null` visibility: the channel does not tell such things. */
export interface Way {
  readonly visibility: Visibility | null;
  /** What may be written; nothing when closed. */
  readonly sends: 'text' | 'template' | null;
  /** By the clock of this page; null without end. */
  readonly closesAt: number | null;
  /** The rules that allow it, the first to end first. */
  readonly rules: readonly Rule[];
  /** The window that is closed, when all are. */
  readonly closed: ReplyWindow | null;
}

/**
 * The ways to answer, the usual one first. `readAt`: when the ticket was read, by the clock of this page, from which the time
 * left is counted: the clock of a reader may be wrong.
 */
export function waysOf(ticket: Ticket, readAt: number): readonly Way[] {
  const { reply_windows: windows, visibility: usual } = ticket;
  if (windows.length === 0) return usual === 'public' ? [free('public'), free('private')] : [free(null)];
  const visibilities = [...new Set(windows.map(({ visibility }) => visibility))];
  const ways = visibilities.map((visibility) => wayOf(visibility, windows, readAt));
  return ways.sort((a, b) => Number(b.visibility === usual) - Number(a.visibility === usual));
}

/** Where the provider sets no limits. */
function free(visibility: Visibility | null): Way {
  return { visibility, sends: 'text', closesAt: null, rules: [], closed: null };
}

function wayOf(visibility: Visibility, windows: readonly ReplyWindow[], readAt: number): Way {
  const own = windows.filter((window) => window.visibility === visibility);
  const open = own.filter((window) => window.open);
  const sends = open.some((window) => window.sends === 'text') ? 'text' : open.length > 0 ? 'template' : null;
  const rules = open
    .filter((window) => window.sends === sends)
    .map(({ rule: name, seconds_left: left }) => ({ name, closesAt: left === null ? null : readAt + left * 1000 }))
    .sort((a, b) => endOf(a) - endOf(b));
  return {
    visibility,
    sends,
    closesAt: rules.at(-1)?.closesAt ?? null,
    rules,
    closed: own.filter((window) => !window.open && window.sends === 'text')[0] ?? null,
  };
}

function endOf({ closesAt }: Rule): number {
  return closesAt ?? Infinity;
}

/** What the way is at this moment: a window that has run out since the ticket was read is closed. */
export function isOpen(way: Way, now: number): boolean {
  return way.sends !== null && (way.closesAt === null || way.closesAt > now);
}

/** `3 h 05 min left for a private answer`, each of several rules by its name, or why it is closed. */
export function stateOf(way: Way, now: number): string {
  const kind = way.visibility === null ? 'answer' : `${way.visibility} answer`;
  if (!isOpen(way, now)) return `${closedWords(way, kind)} It opens again when the customer writes.`;
  if (way.sends === 'template')
    return `${closedWords(way, kind)} Only a template that the provider approved can be sent.`;
  const steps = stepsOf(way, now);
  if (steps.length > 1) return `${steps.join(', then ')}.`;
  if (way.closesAt === null) return '';
  return `${formatDuration(Math.max(0, (way.closesAt - now) / 1000))} left for a ${kind}.`;
}

/**
 * `Standard 23 h 58 min left`, `human agent 6 d`: how long each rule holds after the one before. The later ones ask more of an
 * answer, so the agent must see the first one's end.
 */
function stepsOf({ rules }: Way, now: number): readonly string[] {
  const ahead = rules.filter((rule) => endOf(rule) > now);
  const last = ahead.filter((rule, n) => !ahead.slice(n + 1).some(({ name }) => name === rule.name));
  return last.map((rule, n) => {
    const before = last[n - 1];
    const name = before === undefined ? humanise(rule.name) : humanise(rule.name).toLowerCase();
    if (rule.closesAt === null) return name;
    const lasts = formatDuration((rule.closesAt - (before === undefined ? now : endOf(before))) / 1000);
    return before === undefined ? `${name} ${lasts} left` : `${name} ${lasts}`;
  });
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
