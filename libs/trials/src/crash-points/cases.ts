import type { CrashPointName } from '@fanin/kernel';
import type { Part } from '../system/system.js';
import type { World } from './world.js';

/** One death: who dies where, and what makes it pass there. */
export interface CrashCase {
  readonly point: CrashPointName;
  /** Dies when it passes for the n-th time (default 1). */
  readonly passing?: number;
  readonly part: Part;
  /** Begun while the process is away: whoever insists gets in as soon as a door opens, and may be what it dies of. */
  readonly before?: (world: World) => void | Promise<void>;
  /** Done once it answers, or has died of what it found. */
  readonly drive?: (world: World) => void | Promise<void>;
  /** Left out of the short form: another case shows as much. */
  readonly isLong?: boolean;
  /** Reads a mailbox. */
  readonly needsDovecot?: boolean;
}

const mail = (world: World): void => world.mail();
const chat = (world: World): void => world.chat();
const sms = (world: World): void => world.sms();
const reply =
  (way: 'mail' | 'chat' | 'sms') =>
  (world: World): void =>
    world.reply(way);

/** Deaths of running services. Those of a first start are in first-start.ts. */
export const CRASH_CASES: readonly CrashCase[] = [
  { point: 'capture.webhook.appended', part: 'phone-connector', drive: sms },
  { point: 'capture.stream.appended', part: 'email-connector', before: mail },
  { point: 'capture.stream.appended', part: 'chat-connector', before: chat },
  { point: 'capture.poll.appended', part: 'phone-connector', before: sms },
  { point: 'capture.poll.moved', part: 'phone-connector', before: sms },
  { point: 'capture.poll.appended', part: 'email-connector', drive: (world) => world.mailbox(), needsDovecot: true },
  { point: 'capture.media.appended', part: 'phone-connector', drive: (world) => world.sms({ withLateMedia: true }) },
  { point: 'normalise.half-published', part: 'email-connector', before: mail },
  { point: 'normalise.published', part: 'chat-connector', before: chat },
  { point: 'dead-letter.appended', part: 'phone-connector', drive: (world) => world.garbage() },
  { point: 'tickets.half-written', part: 'ticket-core', before: several },
  { point: 'tickets.committed', part: 'ticket-core', before: several },
  { point: 'tickets.reply-committed', part: 'ticket-core', before: reply('mail') },
  { point: 'tickets.receipts-committed', part: 'ticket-core', before: reply('chat') },
  { point: 'outbox.published', part: 'ticket-core', before: reply('mail') },
  { point: 'deliver.queued', part: 'email-connector', before: reply('mail') },
  { point: 'deliver.taken', part: 'phone-connector', before: reply('sms') },
  { point: 'deliver.taken', part: 'email-connector', before: reply('mail'), isLong: true },
  { point: 'deliver.sent', part: 'email-connector', before: reply('mail') },
  { point: 'deliver.sent', part: 'phone-connector', before: reply('sms') },
  { point: 'deliver.sent', part: 'chat-connector', before: reply('chat'), isLong: true },
  { point: 'analytics.half-written', part: 'analytics', before: several },
  { point: 'analytics.committed', part: 'analytics', before: several },
  { point: 'ledger.archived', part: 'analytics', before: mail },
  { point: 'ledger.deliveries-committed', part: 'analytics', before: chat },
  { point: 'ledger.fates-committed', part: 'analytics', before: mail },
  { point: 'start.migrated', part: 'ticket-core', before: chat, isLong: true },
  { point: 'start.topics', part: 'analytics', before: mail, isLong: true },
  { point: 'start.consuming', part: 'ticket-core', before: mail },
];

function several(world: World): void {
  for (let i = 0; i < 5; i += 1) world.mail();
  world.chat();
  world.chat();
}
