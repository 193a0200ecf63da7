import type { StreamCapture } from '@fanin/connector-kit';
import type { Mailroom } from './mailroom.js';

/**
 * The account's share of the SMTP door: while it runs, mail to its addresses is taken. Several replicas may run it side by
 * side: each has a door of its own, and the mail server of the sender chooses one.
 */
export function createCapture(accountId: string, mailroom: Mailroom): StreamCapture {
  return {
    shape: 'stream',
    exclusive: false,
    async run(session) {
      if (session.signal.aborted) return;
      const close = mailroom.open(accountId, session.emit);
      session.connected();
      await new Promise<void>((resolve) => session.signal.addEventListener('abort', () => resolve(), { once: true }));
      close();
    },
  };
}
