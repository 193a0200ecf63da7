import { requiredDoorOf, type DoorName } from '../drive/doors-of.js';
import type { DriveSpec } from '../drive/load-process.js';
import type { DoorSpec } from '../drive/open-door.js';
import type { SystemUnderTest } from '../system/system.js';

/** The channels of the end-to-end figures: 4 KiB mails by SMTP, chat messages by WebSocket. */
export const BENCH_CHANNELS = ['email-smtp', 'chat-web'] as const;

/** Conversations of four mails; visitors who go on writing. `run` is told in every id. */
export function mailAndChat(system: SystemUnderTest, run: string): readonly DriveSpec[] {
  const door = (name: DoorName): DoorSpec => requiredDoorOf(system, name, { isDirect: true });
  return [
    { name: 'mail', door: door('smtp'), conversations: 1_000, turns: 4, run },
    { name: 'chat', door: door('chat'), conversations: 300, run },
  ];
}
