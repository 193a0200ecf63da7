import { Worker } from 'node:worker_threads';
import type { ParsedMail } from '../parsed-mail.js';
import type { WorkerReply, WorkerRequest } from './parse-worker.js';

export interface PoolOptions {
  readonly workers: number;
  /** From the moment a worker has the mail. */
  readonly timeoutMs: number;
  /** Heap of one worker; buffers of a mail are outside of it and bounded by the size limit of mails. */
  readonly maxMemoryMb: number;
}

/** Why a worker did not answer. */
export interface PoolFailure {
  readonly reason: 'timeout' | 'memory' | 'parser_error';
  readonly detail: string;
}
export type PoolAnswer = { readonly mail: ParsedMail } | { readonly failure: PoolFailure };

/** The parser itself could not work: nothing is known about the mail, which has to be given again. */
export class MailParserUnavailable extends Error {
  override readonly name = 'MailParserUnavailable';
}

interface Job {
  readonly request: WorkerRequest;
  readonly settle: (answer: PoolAnswer) => void;
  readonly reject: (error: MailParserUnavailable) => void;
}

interface Slot {
  worker: Worker | undefined;
  ready: boolean;
  job: Job | undefined;
  timer: NodeJS.Timeout | undefined;
  /** Starts in a row that never became ready: a broken installation must not spin. */
  failedStarts: number;
}

const START_TIMEOUT_MS = 30_000;
const MAX_FAILED_STARTS = 3;

/** A fixed number of worker threads with one mail each; one that overruns its time or memory is killed and replaced. */
export class WorkerPool {
  private readonly slots: Slot[] = [];
  private readonly waiting: Job[] = [];
  private closed = false;

  constructor(private readonly options: PoolOptions) {
    for (let at = 0; at < options.workers; at += 1) {
      this.slots.push({ worker: undefined, ready: false, job: undefined, timer: undefined, failedStarts: 0 });
    }
  }

  /** Waits for a free worker as long as it takes. Rejects with MailParserUnavailable only: closed, or no worker starts. */
  run(request: WorkerRequest): Promise<PoolAnswer> {
    return new Promise((resolve, reject) => {
      if (this.closed) {
        reject(new MailParserUnavailable('the mail parser is closed'));
        return;
      }
      this.waiting.push({ request, settle: resolve, reject });
      this.assign();
    });
  }

  async close(): Promise<void> {
    this.closed = true;
    const closing = new MailParserUnavailable('the mail parser was closed');
    for (const job of this.waiting.splice(0)) job.reject(closing);
    await Promise.all(
      this.slots.map(async (slot) => {
        const { worker } = slot;
        slot.job?.reject(closing);
        this.release(slot);
        slot.worker = undefined;
        await worker?.terminate();
      }),
    );
  }

  private assign(): void {
    for (const slot of this.slots) {
      if (this.waiting.length === 0) return;
      if (slot.job !== undefined) continue;
      const job = this.waiting.shift();
      if (job === undefined) return;
      slot.job = job;
      if (slot.worker === undefined) this.start(slot);
      else if (slot.ready) this.send(slot);
    }
  }

  private start(slot: Slot): void {
    const entry = import.meta.url.endsWith('.ts') ? './from-source.mjs' : './parse-worker.js';
    const worker = new Worker(new URL(entry, import.meta.url), {
      resourceLimits: {
        maxOldGenerationSizeMb: this.options.maxMemoryMb,
        maxYoungGenerationSizeMb: 32,
        stackSizeMb: 4,
      },
      execArgv: [],
      env: {},
    });
    slot.worker = worker;
    slot.ready = false;
    slot.timer = setTimeout(
      () => this.replace(slot, worker, { reason: 'timeout', detail: 'the worker did not start' }),
      START_TIMEOUT_MS,
    );
    worker.on('message', (message: unknown) => this.onMessage(slot, worker, message));
    worker.on('error', (error: Error & { code?: string }) => {
      const reason = error.code === 'ERR_WORKER_OUT_OF_MEMORY' ? 'memory' : 'parser_error';
      this.replace(slot, worker, { reason, detail: error.message });
    });
    worker.on('exit', () => this.replace(slot, worker, { reason: 'parser_error', detail: 'the worker ended' }));
    worker.unref();
  }

  private onMessage(slot: Slot, worker: Worker, message: unknown): void {
    if (slot.worker !== worker) return;
    if (!slot.ready) {
      slot.ready = true;
      slot.failedStarts = 0;
      clearTimeout(slot.timer);
      if (slot.job !== undefined) this.send(slot);
      return;
    }
    const reply = message as WorkerReply;
    const { job } = slot;
    this.release(slot);
    job?.settle(reply.ok ? { mail: reply.mail } : { failure: { reason: 'parser_error', detail: reply.error } });
    this.assign();
  }

  private send(slot: Slot): void {
    const { worker, job } = slot;
    if (worker === undefined || job === undefined) return;
    const detail = `no result within ${this.options.timeoutMs} ms`;
    slot.timer = setTimeout(() => this.replace(slot, worker, { reason: 'timeout', detail }), this.options.timeoutMs);
    worker.postMessage(job.request, [job.request.raw.buffer as ArrayBuffer]);
  }

  /** The worker is gone or is to go: its mail is answered with the failure, the next mail gets a new worker. */
  private replace(slot: Slot, worker: Worker, failure: PoolFailure): void {
    if (slot.worker !== worker || this.closed) return;
    const neverStarted = !slot.ready;
    slot.worker = undefined;
    slot.ready = false;
    slot.failedStarts += neverStarted ? 1 : 0;
    void worker.terminate();
    const { job } = slot;
    this.release(slot);
    if (!neverStarted) job?.settle({ failure });
    else if (slot.failedStarts < MAX_FAILED_STARTS && job !== undefined) this.waiting.unshift(job);
    else job?.reject(new MailParserUnavailable(`no parse worker starts: ${failure.detail}`));
    this.assign();
  }

  private release(slot: Slot): void {
    clearTimeout(slot.timer);
    slot.timer = undefined;
    slot.job = undefined;
  }
}
