import { Agent, request } from 'node:http';
import { ACKNOWLEDGED, refused, unsure, type Answer } from '../door.js';

export interface HttpCall {
  readonly method: 'GET' | 'POST' | 'PATCH';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Buffer;
}

export interface HttpReply {
  readonly status: number;
  readonly retryAfter: string | undefined;
  readonly body: Buffer;
}

const ANSWER_WITHIN_MS = 30_000;

/** RFC 9110 §10.2.3: who is turned away for now is told when to come again. */
export const NOT_TOLD_WHEN = '503 without Retry-After';

class StaleConnection extends Error {}

/** Calls over connections that are kept, as a provider's senders do. */
export class HttpCalls {
  private readonly agent = new Agent({ keepAlive: true, maxSockets: 256 });

  /**
   * Rejects when no whole answer came. A kept connection that the other side closes in the moment it is used again says nothing
   * about the call: it is made once more, as every client does.
   */
  async call(call: HttpCall): Promise<HttpReply> {
    try {
      return await this.once(call);
    } catch (error) {
      if (!(error instanceof StaleConnection)) throw error;
      return this.once(call);
    }
  }

  private once({ method, url, headers, body }: HttpCall): Promise<HttpReply> {
    return new Promise((resolve, reject) => {
      const length = body === undefined ? {} : { 'content-length': body.length };
      const options = { method, agent: this.agent, headers: { ...headers, ...length }, timeout: ANSWER_WITHIN_MS };
      const call = request(url, options, (answer) => {
        const chunks: Buffer[] = [];
        answer.on('data', (chunk: Buffer) => chunks.push(chunk));
        const { statusCode: status = 0, headers: told } = answer;
        answer.once('end', () => resolve({ status, retryAfter: told['retry-after'], body: Buffer.concat(chunks) }));
        answer.once('error', reject);
      });
      call.once('timeout', () => call.destroy(new Error('no answer')));
      call.once('error', (error: NodeJS.ErrnoException) =>
        reject(call.reusedSocket && error.code === 'ECONNRESET' ? new StaleConnection(error.message) : error),
      );
      call.end(body);
    });
  }

  /** 2xx is a promise; any other status a refusal; a connection that nobody took is one too, all else is unsure. */
  async answerTo(call: HttpCall): Promise<Answer> {
    try {
      const { status, retryAfter } = await this.call(call);
      if (status >= 200 && status < 300) return ACKNOWLEDGED;
      return refused(status === 503 && retryAfter === undefined ? NOT_TOLD_WHEN : String(status));
    } catch (error) {
      return (error as NodeJS.ErrnoException).code === 'ECONNREFUSED' ? refused('no connection') : unsure(error);
    }
  }

  close(): void {
    this.agent.destroy();
  }
}
