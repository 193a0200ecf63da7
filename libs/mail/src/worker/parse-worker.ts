import { parentPort } from 'node:worker_threads';
import { runParseJob } from '../mime/parse-job.js';
import type { ParsedMail, ParseLimits } from '../parsed-mail.js';
import type { ParserChoice } from '../mime/parse-job.js';

/** What goes to a worker: the bytes are moved, not copied, so the array must own its buffer. */
export interface WorkerRequest {
  readonly raw: Uint8Array;
  readonly receivedAt: Date | undefined;
  readonly limits: ParseLimits;
  readonly parsers: ParserChoice;
}

export type WorkerReply =
  { readonly ok: true; readonly mail: ParsedMail } | { readonly ok: false; readonly error: string };

/** The first message a worker sends: its modules are loaded, time may be counted from now. */
export const WORKER_READY = 'ready';

async function answer(request: WorkerRequest): Promise<WorkerReply> {
  try {
    const raw = Buffer.from(request.raw.buffer, request.raw.byteOffset, request.raw.byteLength);
    return { ok: true, mail: await runParseJob({ ...request, raw }) };
  } catch (error) {
    return { ok: false, error: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
}

parentPort?.on('message', (request: WorkerRequest) => {
  void answer(request).then((reply) => parentPort?.postMessage(reply));
});
parentPort?.postMessage(WORKER_READY);
