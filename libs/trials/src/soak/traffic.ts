import type { ConversationOptions } from '../drive/conversations.js';
import { DESK_TURNS } from '../drive/doors/desk.js';
import { doorOf, isAgent, type DoorName } from '../drive/doors-of.js';
import type { Pace } from '../drive/driver.js';
import type { DriveSpec } from '../drive/load-process.js';
import type { SystemUnderTest } from '../system/system.js';

export const CHAT_SOCKETS = 1_000;

/** Which part of the offered rate goes through each door. */
const SHARES: Partial<Record<DoorName, number>> = {
  smtp: 0.4,
  chat: 0.35,
  twilio: 0.08,
  voice: 0.01,
  meta: 0.06,
  comments: 0.02,
  instagram: 0.02,
  whatsapp: 0.02,
  telegram: 0.02,
  x: 0.02,
};

/** A second, whatever is offered. */
const FIXED: Partial<Record<DoorName | 'readers', number>> = {
  imap: 0.5,
  'replies-email': 2,
  'replies-chat': 0.5,
  'replies-phone': 0.5,
  desk: 0.5,
  readers: 2,
};

const TALKS: Omit<ConversationOptions, 'run'> = { conversations: 500, turns: 6 };
const OTHER_TALKS: Partial<Record<DoorName, Omit<ConversationOptions, 'run'>>> = {
  // As many as wait in the server's queue when it offers twice what can be taken.
  smtp: { conversations: 6_000, turns: 4 },
  chat: { conversations: CHAT_SOCKETS },
  voice: { conversations: 100, turns: 3 },
  imap: { conversations: 20, turns: 3 },
  'replies-email': { conversations: 50, turns: 2 },
  'replies-chat': { conversations: 20, turns: 2 },
  'replies-phone': { conversations: 20, turns: 2 },
  desk: { conversations: 20, turns: DESK_TURNS },
};

/** Everybody at once: customers at every door, agents who answer, people who look. */
export function trafficOf(system: SystemUnderTest, run: string): readonly DriveSpec[] {
  const names = Object.keys({ ...SHARES, ...FIXED }).filter((name) => name !== 'readers') as DoorName[];
  const drives = names.flatMap((name): DriveSpec[] => {
    const door = doorOf(system, name, { isDirect: true });
    if (door === undefined) return [];
    const busy = door.kind === 'smtp' ? { ...door, servers: 4 } : door;
    // Two doors may make the same ids of the same run.
    return [{ name, door: busy, ...(OTHER_TALKS[name] ?? TALKS), run: `${run}-${name}` }];
  });
  const readers = { kind: 'readers', url: system.url, key: system.api.a.key ?? '' } as const;
  return [...drives, { name: 'readers', door: readers, conversations: 5, run }];
}

/** So many messages a second in all, spread over the doors. */
export function pacesAt(rate: number, drives: readonly DriveSpec[]): Readonly<Record<string, Pace>> {
  const [shares, fixed]: Partial<Record<string, number>>[] = [SHARES, FIXED];
  return Object.fromEntries(
    drives.map(({ name }) => [name, { rate: fixed?.[name] ?? Math.max(0.1, (shares?.[name] ?? 0) * rate) }]),
  );
}

/** As much as the doors take: a closed loop through those that have a share. */
export function pacesAtTop(senders: number): Readonly<Record<string, Pace>> {
  return Object.fromEntries(
    Object.entries(SHARES).map(([name, share]) => [name, { concurrency: Math.max(2, Math.round(senders * share)) }]),
  );
}

/** Drives that hand customers' messages in; the others read or answer. */
export function isInbound(name: string): boolean {
  return name !== 'readers' && !isAgent(name);
}
