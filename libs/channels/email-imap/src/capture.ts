import type { PollCapture } from '@fanin/connector-kit';
import type { Clock } from '@fanin/kernel';
import { openImapSession, type ImapSession, type ImapTimings, type OpenMailbox } from './client.js';
import type { Config } from './config.js';
import { toFaninError } from './errors.js';
import { RETRY_DELAYS, type RetryDelays } from './pending-mails.js';
import { startingPoint } from './starting-point.js';
import { MailboxTurn, type Caution, type TurnOutcome } from './mailbox-turn.js';

export interface CaptureOptions {
  readonly timings?: Partial<ImapTimings>;
  readonly retryDelays?: RetryDelays;
  /** Largest mail that is taken over whole. */
  readonly maxMailBytes?: number;
}

export interface ImapCapture extends PollCapture {
  close(): Promise<void>;
}

/**
 * Watches one folder over one connection that lives between the polls (in IDLE, where the server can). The position is in
 * the cursor alone; what is kept here may be lost at any time.
 */
export function createCapture(config: Config, clock: Clock, options: CaptureOptions = {}): ImapCapture {
  const intervalMs = config.poll_seconds * 1000;
  const retryDelays = options.retryDelays ?? RETRY_DELAYS;
  const caution: Caution = { aloneUpTo: 0 };
  let session: ImapSession | undefined;
  let wake: () => void = () => undefined;
  let isReading = false;
  let timer: NodeJS.Timeout | undefined;

  async function connected(signal: AbortSignal): Promise<ImapSession> {
    if (session?.isOpen === true) return session;
    session = await openImapSession(config, {
      signal,
      timings: options.timings ?? {},
      onNews: () => wake(),
      // A connection lost while reading is the turn's own affair, and a wake would cut the back-off short.
      onLost: () => {
        if (!isReading) wake();
      },
    });
    return session;
  }

  async function turn(cursor: string | null, mailbox: OpenMailbox): Promise<TurnOutcome> {
    const nowMs = clock.now();
    const { position, notices } = await startingPoint(cursor, mailbox, { backfillDays: config.backfill_days, nowMs });
    const reading = new MailboxTurn(mailbox, position, {
      folder: config.folder,
      batchSize: config.batch_size,
      clock,
      retryDelays,
      caution,
      ...(options.maxMailBytes === undefined ? {} : { maxMailBytes: options.maxMailBytes }),
    });
    const outcome = await reading.run();
    return { ...outcome, notices: [...notices, ...(outcome.notices ?? [])] };
  }

  /** A pending mail is due sooner than the next poll. */
  function wakeFor(dueAt: number | undefined): void {
    clearTimeout(timer);
    if (dueAt === undefined) return;
    timer = setTimeout(() => wake(), Math.max(0, dueAt - clock.now()));
    timer.unref();
  }

  return {
    shape: 'poll',
    intervalMs,
    onWake: (listener) => (wake = listener),
    async poll(cursor, signal) {
      const cut = (): void => session?.close();
      isReading = true;
      signal.addEventListener('abort', cut, { once: true });
      try {
        const open = await connected(signal);
        const outcome = await open.read((mailbox) => turn(cursor, mailbox));
        // Nothing is announced over a connection that broke on the way: the next poll opens another one.
        const more = outcome.more || !open.isOpen;
        wakeFor(more ? undefined : outcome.nextRetryAt);
        return { ...outcome, more };
      } catch (error) {
        // Dovecot, for one, refuses a mailbox that was numbered anew until the client comes again.
        session?.close();
        throw toFaninError(error);
      } finally {
        signal.removeEventListener('abort', cut);
        isReading = false;
      }
    },
    close: async () => {
      clearTimeout(timer);
      wake = () => undefined;
      await session?.end();
    },
  };
}
