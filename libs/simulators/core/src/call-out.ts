import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';

/** A call that a vendor makes to our side. */
export interface OutgoingCall {
  /** A fragment, if any, is not sent. */
  url: string;
  method: 'POST' | 'GET';
  headers: Record<string, string>;
  body: Buffer;
}

export type CallFailure = 'connect' | 'timeout' | 'cut';

/** Either `status` (an answer came) or `failure` (none did). */
export interface CallOutcome {
  status?: number;
  headers: IncomingHttpHeaders;
  body: Buffer;
  /** `connect`: no connection or no TLS; `timeout`: connected, no answer in time; `cut`: connected, then broken off. */
  failure?: CallFailure;
  error?: string;
}

export interface CallLimits {
  connectTimeoutMs: number;
  /** From the start of the call to the end of the answer. */
  timeoutMs: number;
  ca?: string;
  /** Of the answer's body; what is beyond is thrown away. Default 1 MB. */
  largestBytes?: number;
  signal: AbortSignal;
}

const LARGEST_ANSWER_BYTES = 1_000_000;

/** Never rejects: every way to fail is an outcome. Redirects are not followed. */
export function callOut(call: OutgoingCall, limits: CallLimits): Promise<CallOutcome> {
  return new Promise((resolve) => {
    let connected = false;
    const timers: NodeJS.Timeout[] = [];
    const settle = (outcome: CallOutcome): void => {
      timers.forEach((timer) => clearTimeout(timer));
      resolve(outcome);
    };
    const fail = (failure: CallFailure, error: string): void =>
      settle({ headers: {}, body: Buffer.alloc(0), failure, error });
    const open = openCall(call, limits, fail);
    if (open === undefined) return;
    timers.push(
      setTimeout(() => {
        if (!connected) open.destroy(new CallTimeout('connect', `no connection in ${limits.connectTimeoutMs} ms`));
      }, limits.connectTimeoutMs),
      setTimeout(
        () => open.destroy(new CallTimeout('timeout', `no answer in ${limits.timeoutMs} ms`)),
        limits.timeoutMs,
      ),
    );
    const ready = call.url.startsWith('https:') ? 'secureConnect' : 'connect';
    open.once('socket', (socket) => socket.once(ready, () => (connected = true)));
    open.on('error', (error) =>
      fail(error instanceof CallTimeout ? error.failure : connected ? 'cut' : 'connect', describe(error)),
    );
    open.once('response', (answer) => {
      readAnswer(answer, limits.largestBytes ?? LARGEST_ANSWER_BYTES).then(
        (body) => settle({ status: answer.statusCode ?? 0, headers: answer.headers, body }),
        (error: unknown) =>
          fail(error instanceof CallTimeout ? error.failure : 'cut', error instanceof Error ? describe(error) : 'cut'),
      );
    });
    open.end(call.body);
  });
}

class CallTimeout extends Error {
  constructor(
    readonly failure: CallFailure,
    message: string,
  ) {
    super(message);
  }
}

function openCall(call: OutgoingCall, limits: CallLimits, fail: (failure: CallFailure, error: string) => void) {
  const make = call.url.startsWith('https:') ? httpsRequest : httpRequest;
  try {
    return make(call.url, {
      method: call.method,
      headers: { ...call.headers, ...(call.method === 'POST' ? { 'content-length': `${call.body.length}` } : {}) },
      agent: false,
      signal: limits.signal,
      ...(limits.ca === undefined ? {} : { ca: limits.ca }),
    });
  } catch (error) {
    fail('connect', error instanceof Error ? error.message : String(error));
    return undefined;
  }
}

async function readAnswer(answer: IncomingMessage, largestBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of answer as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size <= largestBytes) chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function describe(error: Error): string {
  const code = (error as NodeJS.ErrnoException).code;
  return code === undefined ? error.message : `${code}: ${error.message}`;
}
