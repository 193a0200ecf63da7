import type { CapturedDelivery, PollOutcome } from '@fanin/connector-kit';
import { isoTime, type Clock } from '@fanin/kernel';
import type { ListedMail, OpenMailbox } from './client.js';
import { writeCursor, type Position } from './cursor.js';
import { manifest } from './manifest.js';
import { PendingMails, type RetryDelays } from './pending-mails.js';
import { substituteMail, unknownMail } from './substitute-mail.js';
import { headNotice, turnNotices, type HeadReason } from './turn-notices.js';

/** Survives a broken connection: mails that were asked for together when it broke are then asked for alone. */
export interface Caution {
  aloneUpTo: number;
}

export interface TurnOptions {
  readonly folder: string;
  readonly batchSize: number;
  readonly clock: Clock;
  readonly retryDelays: RetryDelays;
  readonly caution: Caution;
  readonly maxMailBytes?: number;
}

export interface TurnOutcome extends PollOutcome {
  /** When the first pending mail is due. */
  readonly nextRetryAt: number | undefined;
}

const MEBIBYTE = 1024 * 1024;
/** What one turn holds in memory, but for one last mail. */
const TURN_BYTES = 32 * MEBIBYTE;
/** Small mails are asked for together: the way to the server and back is most of their time. */
const GROUP_BYTES = MEBIBYTE;
const GROUP_MAILS = 25;
/** How many UIDs are listed at once, as a multiple of the batch; doubled while there is nothing among them. */
const LIST_FACTOR = 4;
const MOST_LISTED = 50_000;
/** Attempts for the head alone while nothing else is to be had from the server either. */
const HEAD_ATTEMPTS = 3;

/** One look into a folder: new mail first, then what was pending, then old mail. Moves the position mail by mail. */
export class MailboxTurn {
  private readonly deliveries: CapturedDelivery[] = [];
  private readonly pending: PendingMails;
  private readonly maxMailBytes: number;
  private position: Position;
  private bytes = 0;
  /** Set while old mail is read: what came before is not wanted. Epoch milliseconds. */
  private oldSince: number | undefined;

  constructor(
    private readonly mailbox: OpenMailbox,
    start: Position,
    private readonly options: TurnOptions,
  ) {
    this.position = start;
    this.pending = new PendingMails(start.pending, options.retryDelays, options.clock);
    this.maxMailBytes = options.maxMailBytes ?? manifest.limits.maxDeliveryBytes;
  }

  /** Rejects when nothing was achieved; a connection that breaks later on ends the turn with what there is. */
  async run(): Promise<TurnOutcome> {
    const before = this.cursor();
    try {
      if (!this.pending.isFull) await this.readNew();
      await this.readPending();
      if (!this.pending.isFull) await this.readOld();
    } catch (error) {
      if (this.mailbox.isOpen || this.cursor() === before) throw error;
    }
    const hasNew = this.position.last_uid < this.mailbox.status.uidNext - 1;
    return {
      deliveries: this.deliveries,
      cursor: this.cursor(),
      more: !this.pending.isFull && (hasNew || this.position.backfill !== null),
      backfilling: this.position.backfill !== null,
      notices: turnNotices(this.options.folder, this.pending, this.deliveries),
      nextRetryAt: this.pending.nextRetryAt(),
    };
  }

  private cursor(): string {
    return writeCursor({ ...this.position, pending: this.pending.list() });
  }

  private get hasRoom(): boolean {
    return this.deliveries.length < this.options.batchSize && this.bytes < TURN_BYTES;
  }

  private async readNew(): Promise<void> {
    const until = this.mailbox.status.uidNext - 1;
    await this.walk(this.position.last_uid + 1, until, {
      absent: (from, to) => this.pending.absent(from, to),
      passed: (uid) => (this.position = { ...this.position, last_uid: uid }),
    });
  }

  private async readOld(): Promise<void> {
    const { backfill } = this.position;
    if (backfill === null) return;
    this.oldSince = Date.parse(backfill.since);
    await this.walk(backfill.next, backfill.until, {
      // What was expunged before we ever came is nobody's loss.
      absent: () => undefined,
      passed: (uid) => {
        const next = uid + 1;
        this.position = { ...this.position, backfill: next > backfill.until ? null : { ...backfill, next } };
      },
    });
    this.oldSince = undefined;
  }

  private async readPending(): Promise<void> {
    const due = this.pending.due().slice(0, this.options.batchSize);
    if (due.length === 0 || !this.hasRoom) return;
    const uids = due.map(({ uid }) => uid);
    const present = this.mailbox.status.exists === 0 ? [] : await this.mailbox.present(uids.join(','));
    for (const uid of uids) {
      if (!present.includes(uid)) this.absentAgain(uid);
      else if (this.hasRoom) await this.takeAlone(unmeasured(uid));
    }
  }

  /** Reads the UIDs of a range in ascending order while there is room. */
  private async walk(
    from: number,
    until: number,
    road: {
      readonly absent: (from: number, to: number) => void;
      readonly passed: (uid: number) => void;
    },
  ): Promise<void> {
    let width = this.options.batchSize * LIST_FACTOR;
    let next = from;
    while (next <= until && this.hasRoom) {
      const end = Math.min(until, next + width - 1);
      // A range beyond the last UID returns the last mail (RFC 9051 §6.4.8): only what was asked for counts.
      const all = (await this.listed(next, end)).filter(({ uid }) => uid >= next && uid <= end);
      const wanted = all.filter((mail) => this.isWanted(mail));
      for (const whole of this.groups(wanted)) {
        if (!this.hasRoom) return;
        const group = whole.slice(0, this.options.batchSize - this.deliveries.length);
        for (const [from, to] of holes(all, next, group.at(-1)?.uid ?? next)) road.absent(from, to);
        await this.take(group, (uid) => {
          road.passed(uid);
          next = uid + 1;
        });
        if (group.length < whole.length) return;
      }
      for (const [from, to] of holes(all, next, end)) road.absent(from, to);
      road.passed(end);
      next = end + 1;
      if (wanted.length === 0) width = Math.min(2 * width, MOST_LISTED);
    }
  }

  /** A mail that the server cannot measure may break the connection: from then on each is measured alone. */
  private async listed(from: number, to: number): Promise<readonly ListedMail[]> {
    if (this.mailbox.status.exists === 0) return [];
    const range = `${from}:${to}`;
    const { caution } = this.options;
    if (from > caution.aloneUpTo)
      try {
        return await this.mailbox.list(range);
      } catch (error) {
        caution.aloneUpTo = Math.max(caution.aloneUpTo, to);
        if (!this.mailbox.isOpen) throw error;
      }
    return (await this.mailbox.present(range)).map(unmeasured);
  }

  private groups(mails: readonly ListedMail[]): ListedMail[][] {
    const groups: ListedMail[][] = [];
    let bytes = 0;
    for (const mail of mails) {
      const last = groups.at(-1);
      const { sizeBytes = Infinity } = mail;
      const isAlone = mail.uid <= this.options.caution.aloneUpTo || sizeBytes > this.maxMailBytes;
      bytes += sizeBytes;
      if (last !== undefined && !isAlone && last.length < GROUP_MAILS && bytes <= GROUP_BYTES) last.push(mail);
      else {
        groups.push([mail]);
        bytes = isAlone ? GROUP_BYTES : sizeBytes;
      }
    }
    return groups;
  }

  private async take(group: readonly ListedMail[], passed: (uid: number) => void): Promise<void> {
    const sources = group.length > 1 ? await this.together(group) : new Map<number, Buffer>();
    for (const mail of group) {
      const source = sources.get(mail.uid);
      if (source !== undefined) this.keep(mail, source);
      try {
        if (source === undefined) await this.takeAlone(mail);
      } finally {
        // Also when it broke the connection: it is pending now, and the next one gets its turn.
        passed(mail.uid);
      }
    }
  }

  /** A server that refuses one of them refuses all: then each is asked for alone. */
  private async together(group: readonly ListedMail[]): Promise<ReadonlyMap<number, Buffer>> {
    try {
      return await this.mailbox.sources(group.map(({ uid }) => uid));
    } catch (error) {
      if (this.mailbox.isOpen) return new Map();
      this.options.caution.aloneUpTo = Math.max(this.options.caution.aloneUpTo, group.at(-1)?.uid ?? 0);
      throw error;
    }
  }

  private async takeAlone(unknown: ListedMail): Promise<void> {
    const { uid } = unknown;
    // Asked for again, it would break the connection again.
    if (this.pending.isExhausted(uid)) return this.takeHead(unknown, 'unfetchable');
    let mail: ListedMail | undefined = unknown;
    let source: Buffer | undefined;
    try {
      if (mail.sizeBytes === undefined) mail = (await this.mailbox.list(String(uid))).find((each) => each.uid === uid);
      if (mail !== undefined && !this.isTooLarge(mail)) source = (await this.mailbox.sources([uid])).get(uid);
    } catch (error) {
      this.pending.missed(uid, 'failed');
      if (!this.mailbox.isOpen) throw error;
      return this.pending.isExhausted(uid) ? this.takeHead(unknown, 'unfetchable') : undefined;
    }
    if (mail !== undefined && !this.isWanted(mail)) return;
    if (mail !== undefined && this.isTooLarge(mail)) return this.takeHead(mail, 'too_large');
    if (mail === undefined || source === undefined) this.absentAgain(uid);
    else this.keep(mail, source);
  }

  private isWanted({ internalDate }: ListedMail): boolean {
    return this.oldSince === undefined || internalDate === undefined || internalDate.getTime() >= this.oldSince;
  }

  private isTooLarge({ sizeBytes = 0 }: ListedMail): boolean {
    return sizeBytes > this.maxMailBytes;
  }

  /** The head of a mail whose body is too large or is not handed over, with a text that says so. */
  private async takeHead(mail: ListedMail, captured: HeadReason): Promise<void> {
    const { uid, sizeBytes } = mail;
    const notice = headNotice(captured, sizeBytes ?? 0, this.options.folder);
    const last = this.options.retryDelays.failed.length + HEAD_ATTEMPTS;
    let head: Buffer | undefined;
    try {
      head = await this.mailbox.header(uid);
      if (head === undefined || head.length === 0) return this.absentAgain(uid);
    } catch (error) {
      this.pending.missed(uid, 'failed');
      if (!this.mailbox.isOpen && this.pending.attemptsOf(uid) < last) throw error;
    }
    if (head !== undefined) return this.keep(mail, substituteMail(head, notice), captured);
    const isServerWell = this.deliveries.length > 0;
    if (!isServerWell && this.pending.attemptsOf(uid) < last) return;
    this.keep(mail, unknownMail(`${notice} Its number there is ${uid}.`), captured);
  }

  private absentAgain(uid: number): void {
    this.pending.missed(uid, 'absent');
    if (this.pending.isExhausted(uid)) this.pending.giveUp(uid);
  }

  private keep({ uid, internalDate }: ListedMail, body: Buffer, captured?: HeadReason): void {
    this.pending.settled(uid);
    this.bytes += body.length;
    const date = internalDate?.getTime();
    this.deliveries.push({
      body,
      contentType: 'message/rfc822',
      meta: {
        uid: String(uid),
        uidvalidity: this.mailbox.status.uidValidity,
        folder: this.options.folder,
        ...(date === undefined ? {} : { internal_date: isoTime(date) }),
        ...(this.oldSince !== undefined ? { backfill: 'true' } : {}),
        ...(captured === undefined ? {} : { captured }),
      },
    });
    // A date in the future would hide mail from the search after a reset.
    if (date !== undefined && date > Date.parse(this.position.since) && date <= this.options.clock.now())
      this.position = { ...this.position, since: isoTime(date) };
  }
}

function unmeasured(uid: number): ListedMail {
  return { uid, sizeBytes: undefined, internalDate: undefined };
}

/** The numbers between `from` and `to` that no mail has, as ranges. */
function holes(mails: readonly ListedMail[], from: number, to: number): [number, number][] {
  const found: [number, number][] = [];
  let next = from;
  for (const { uid } of mails) {
    if (uid < from || uid > to) continue;
    if (uid > next) found.push([next, uid - 1]);
    next = uid + 1;
  }
  if (next <= to) found.push([next, to]);
  return found;
}
