import type { AccountNotice, CapturedDelivery } from '@fanin/connector-kit';
import { createSystemClock, messageOf, type Clock } from '@fanin/kernel';
import { createCapture, type CaptureOptions, type ImapCapture } from '../capture.js';
import type { Config } from '../config.js';

export interface ReaderOptions extends CaptureOptions {
  readonly cursor?: string | null;
  readonly clock?: Clock;
}

/** Does with a capture what the host does: poll, keep, then the cursor; waits between polls until it is woken. */
export class Reader {
  readonly kept: CapturedDelivery[] = [];
  readonly notices: AccountNotice[] = [];
  readonly errors: string[] = [];
  cursor: string | null;
  wasBackfilling = false;
  private readonly stopping = new AbortController();
  private readonly watchers = new Set<() => void>();
  private wake: () => void = () => undefined;
  private running: Promise<void> | undefined;
  private capture: ImapCapture;

  constructor(
    private readonly config: Config,
    private readonly options: ReaderOptions = {},
  ) {
    this.cursor = options.cursor ?? null;
    this.capture = this.create();
  }

  /** Subjects of what was kept, in order. */
  get subjects(): string[] {
    return this.kept.map(subjectOf);
  }

  /** Polls until nothing more waits. */
  async drain(): Promise<void> {
    for (;;) if (!(await this.pollOnce())) return;
  }

  async pollOnce(): Promise<boolean> {
    const outcome = await this.capture.poll(this.cursor, this.stopping.signal);
    this.kept.push(...outcome.deliveries);
    this.notices.push(...(outcome.notices ?? []));
    this.cursor = outcome.cursor;
    this.wasBackfilling ||= outcome.backfilling === true;
    for (const watcher of this.watchers) watcher();
    return outcome.more;
  }

  /** Runs as under the host, failures included, with a back-off of 100 ms. */
  start(): this {
    this.running = this.loop();
    return this;
  }

  /** Milliseconds until the signal had stopped everything. */
  async stop(): Promise<number> {
    const began = performance.now();
    this.stopping.abort();
    this.wake();
    await this.running;
    const took = performance.now() - began;
    await this.capture.close();
    return took;
  }

  /** Resolves when `holds`, asked after every poll and every failure. */
  async until(holds: () => boolean, withinMs = 20_000): Promise<void> {
    if (holds()) return;
    await new Promise<void>((resolve, reject) => {
      const late = setTimeout(() => {
        this.watchers.delete(watcher);
        reject(
          new Error(
            `not within ${withinMs} ms; kept ${this.subjects.join(', ')}; ${this.errors.length} errors, last: ${this.errors.at(-1) ?? ''}`,
          ),
        );
      }, withinMs);
      const watcher = (): void => {
        if (!holds()) return;
        clearTimeout(late);
        this.watchers.delete(watcher);
        resolve();
      };
      this.watchers.add(watcher);
    });
  }

  private create(): ImapCapture {
    const capture = createCapture(this.config, this.options.clock ?? createSystemClock(), this.options);
    capture.onWake?.(() => this.wake());
    return capture;
  }

  private async loop(): Promise<void> {
    while (!this.stopping.signal.aborted) {
      let waitMs = this.capture.intervalMs;
      const woken = new Promise<void>((resolve) => (this.wake = resolve));
      try {
        if (await this.pollOnce()) continue;
      } catch (error) {
        if (this.stopping.signal.aborted) return;
        this.errors.push(messageOf(error));
        for (const watcher of this.watchers) watcher();
        waitMs = 100;
      }
      let timer: NodeJS.Timeout | undefined;
      await Promise.race([woken, new Promise((resolve) => (timer = setTimeout(resolve, waitMs)))]);
      clearTimeout(timer);
    }
  }
}

export function subjectOf({ body }: CapturedDelivery): string {
  return /^Subject: (.*)\r?$/m.exec(body.toString('latin1'))?.[1] ?? '';
}

export function rawMail(subject: string, body = 'Hello'): string {
  const id = subject.replaceAll(/\W+/g, '-');
  return `From: Ada Example <ada@customer.example>\r\nTo: support@shop.example\r\nSubject: ${subject}\r\nMessage-ID: <${id}@customer.example>\r\n\r\n${body}\r\n`;
}
