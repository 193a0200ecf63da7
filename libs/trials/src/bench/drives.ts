import type { DriveSpec } from '../drive/load-process.js';
import { CHAT, MAIL, type SystemUnderTest } from '../system/system.js';

/** The channels of the end-to-end figures: 4 KiB mails by SMTP, chat messages by WebSocket. */
export const BENCH_CHANNELS = ['email-smtp', 'chat-web'] as const;

/** Conversations of four mails; visitors who go on writing. `run` is told in every id. */
export function mailAndChat(system: SystemUnderTest, run: string): readonly DriveSpec[] {
  return [
    {
      name: 'mail',
      door: { kind: 'smtp', account: 'a/a-mail', port: system.smtpPort, to: MAIL.a },
      conversations: 1_000,
      turns: 4,
      run,
    },
    {
      name: 'chat',
      door: {
        kind: 'chat',
        account: `a/${CHAT.a}`,
        url: system.addressOf('chat-connector'),
        origin: new URL(system.url).origin,
      },
      conversations: 300,
      run,
    },
  ];
}
