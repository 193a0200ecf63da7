import { FaninError } from '@fanin/kernel';
import { ImapFlow, type FetchMessageObject, type ImapFlowOptions } from 'imapflow';
import type { Config } from './config.js';

/** Deadlines of a connection. Nothing waits for a server without one: a dead line looks like silence. */
export interface ImapTimings {
  readonly connectMs: number;
  readonly greetingMs: number;
  /** For each command that brings no mail. */
  readonly commandMs: number;
  /** For each command that brings mails. */
  readonly messageMs: number;
  /** Silence on the socket after which a NOOP asks whether anybody is there. */
  readonly silenceMs: number;
  /** IDLE is renewed after this time; servers end it after 30 minutes (RFC 2177). */
  readonly maxIdleMs: number;
}

export const IMAP_TIMINGS: ImapTimings = {
  connectMs: 15_000,
  greetingMs: 10_000,
  commandMs: 30_000,
  messageMs: 120_000,
  silenceMs: 240_000,
  maxIdleMs: 15 * 60_000,
};

export interface MailboxStatus {
  readonly uidValidity: string;
  readonly uidNext: number;
  readonly exists: number;
}

export interface ListedMail {
  readonly uid: number;
  /** Undefined when it was not asked for: some servers have to read a mail to tell its size. */
  readonly sizeBytes: number | undefined;
  /** INTERNALDATE; undefined when the server sent something else. */
  readonly internalDate: Date | undefined;
}

/** The folder while it is held: `read` hands it out. Everything is read with PEEK in a folder opened by EXAMINE. */
export interface OpenMailbox {
  readonly status: MailboxStatus;
  readonly isOpen: boolean;
  /** Ascending; `uids` is a sequence set such as `7:12` or `7,9`. */
  list(uids: string): Promise<readonly ListedMail[]>;
  /** Which of them there are; touches no mail. Ascending. */
  present(uids: string): Promise<readonly number[]>;
  /** Lowest UID that came on the day of `date` or later; SINCE knows only days. */
  firstSince(date: Date): Promise<number | undefined>;
  /** By UID; one that is not there any more is missing. */
  sources(uids: readonly number[]): Promise<ReadonlyMap<number, Buffer>>;
  header(uid: number): Promise<Buffer | undefined>;
}

export interface ImapSession {
  readonly isOpen: boolean;
  /** Opens the folder anew, so that its figures are current, and holds it while `work` runs. */
  read<T>(work: (mailbox: OpenMailbox) => Promise<T>): Promise<T>;
  /** At once; everything that is under way rejects. */
  close(): void;
  /** With LOGOUT, as far as the server answers. */
  end(): Promise<void>;
}

export interface SessionOptions {
  readonly signal?: AbortSignal;
  readonly timings?: Partial<ImapTimings>;
  /** The server told of new mail. */
  readonly onNews?: () => void;
  /** The connection ended, not by us. */
  readonly onLost?: () => void;
}

const MEBIBYTE = 1024 * 1024;
const LOGOUT_MS = 500;
/** IDLE starts when nothing was asked for this long; shorter would break it between two commands of one turn. */
const IDLE_AFTER_MS = 250;

/** One connection for one folder. Rejects with what imapflow throws, or with TRANSIENT when a deadline passed. */
export async function openImapSession(config: Config, options: SessionOptions = {}): Promise<ImapSession> {
  const timings = { ...IMAP_TIMINGS, ...options.timings };
  const client = new ImapFlow(optionsOf(config, timings));
  let isOurs = false;
  let wasOpen = false;
  // Unheard, either of them would end the process or leave a dead connection in use.
  client.on('error', () => client.close());
  client.on('close', () => {
    if (wasOpen && !isOurs) options.onLost?.();
  });
  client.on('exists', ({ count, prevCount }) => {
    if (count > prevCount) options.onNews?.();
  });
  const close = (): void => {
    isOurs = true;
    client.close();
  };
  options.signal?.addEventListener('abort', close, { once: true });
  try {
    if (options.signal?.aborted === true) close();
    await within(client, timings.connectMs + timings.greetingMs + timings.commandMs, client.connect());
    wasOpen = true;
  } catch (error) {
    close();
    throw error;
  } finally {
    options.signal?.removeEventListener('abort', close);
  }
  return {
    get isOpen() {
      return client.usable;
    },
    read: (work) => read(client, config.folder, timings, work),
    close,
    end: async () => {
      isOurs = true;
      if (client.usable) await within(client, LOGOUT_MS, client.logout()).catch(() => undefined);
      client.close();
    },
  };
}

function optionsOf({ imap }: Config, timings: ImapTimings): ImapFlowOptions {
  return {
    host: imap.host,
    port: imap.port,
    secure: imap.encryption === 'tls',
    ...(imap.encryption === 'tls' ? {} : { doSTARTTLS: imap.encryption === 'starttls' }),
    ...(imap.ca_certificate === undefined ? {} : { tls: { ca: imap.ca_certificate } }),
    auth: { user: imap.user, pass: imap.password },
    clientInfo: { name: 'Fanin' },
    logger: false,
    connectionTimeout: timings.connectMs,
    greetingTimeout: timings.greetingMs,
    socketTimeout: timings.silenceMs,
    autoIdleDelay: IDLE_AFTER_MS,
    maxIdleTime: timings.maxIdleMs,
    maxLineLength: 4 * MEBIBYTE,
    maxLiteralSize: 64 * MEBIBYTE,
    maxResponseSize: 72 * MEBIBYTE,
  };
}

async function read<T>(
  client: ImapFlow,
  folder: string,
  timings: ImapTimings,
  work: (mailbox: OpenMailbox) => Promise<T>,
): Promise<T> {
  const { commandMs } = timings;
  const lock = await within(
    client,
    commandMs,
    client.getMailboxLock(folder, { readOnly: true, acquireTimeout: commandMs }),
  );
  try {
    // SELECT again tells UIDNEXT and UIDVALIDITY as they are now; imapflow keeps neither current.
    const mailbox = await within(client, commandMs, client.mailboxOpen(folder, { readOnly: true }));
    const uidNext = mailbox.uidNext > 0 ? mailbox.uidNext : await nextUid(client, mailbox.exists, commandMs);
    const status = { uidValidity: String(mailbox.uidValidity), uidNext, exists: mailbox.exists };
    return await work(createOpenMailbox(client, status, timings));
  } finally {
    lock.release();
  }
}

/** RFC 3501 lets a server leave UIDNEXT out: then it is one above the last mail. */
async function nextUid(client: ImapFlow, exists: number, commandMs: number): Promise<number> {
  if (exists === 0) return 1;
  const last = await within(client, commandMs, client.fetchAll('*', { uid: true }));
  return Math.max(0, ...last.map(({ uid }) => uid)) + 1;
}

function createOpenMailbox(client: ImapFlow, status: MailboxStatus, timings: ImapTimings): OpenMailbox {
  const uid = { uid: true };
  return {
    status,
    get isOpen() {
      return client.usable;
    },
    async list(uids) {
      const query = { uid: true, size: true, internalDate: true };
      const found = await within(client, timings.commandMs, client.fetchAll(uids, query, uid));
      return found.map(listed).sort((one, other) => one.uid - other.uid);
    },
    async present(uids) {
      const found = await within(client, timings.commandMs, client.search({ uid: uids }, uid));
      return Array.isArray(found) ? found.sort((one, other) => one - other) : [];
    },
    async firstSince(date) {
      const found = await within(client, timings.commandMs, client.search({ since: date }, uid));
      return Array.isArray(found) && found.length > 0 ? found.reduce((one, other) => Math.min(one, other)) : undefined;
    },
    async sources(uids) {
      const query = { uid: true, source: true };
      const found = await within(client, timings.messageMs, client.fetchAll(uids.join(','), query, uid));
      // Dovecot hands over a mail that was expunged meanwhile as an empty one, and may give its size as 0, too.
      return new Map(
        found.flatMap(({ uid, source }) => (source === undefined || source.length === 0 ? [] : [[uid, source]])),
      );
    },
    async header(wanted) {
      const query = { uid: true, headers: true };
      const found = await within(client, timings.messageMs, client.fetchAll(String(wanted), query, uid));
      return found.find((mail) => mail.uid === wanted)?.headers;
    },
  };
}

function listed({ uid, size = 0, internalDate }: FetchMessageObject): ListedMail {
  const date = internalDate === undefined ? undefined : new Date(internalDate);
  return { uid, sizeBytes: size, internalDate: date === undefined || Number.isNaN(date.getTime()) ? undefined : date };
}

/** Gives up on a command that takes too long, and on its connection: what comes late would be taken for another answer. */
async function within<T>(client: ImapFlow, ms: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new FaninError('TRANSIENT', `The IMAP server did not answer within ${Math.round(ms / 1000)} s.`));
      client.close();
    }, ms);
  });
  try {
    const result = await Promise.race([work, late]);
    // Without a connection imapflow answers some questions with "nothing found".
    if (!client.usable && client.isClosed)
      throw new FaninError('TRANSIENT', 'The connection to the IMAP server broke.');
    return result;
  } finally {
    clearTimeout(timer);
    work.catch(() => undefined);
  }
}
