import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { messageOf } from '@fanin/kernel';
import { GraphSilence, type Headers } from './graph-error.js';

export interface HttpCall {
  readonly method: 'GET' | 'POST';
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly signal: AbortSignal;
}

export interface HttpAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: string;
}

export interface HttpCaller {
  /** Throws GraphSilence when no whole answer came; it says whether the call may have arrived. */
  call(call: HttpCall): Promise<HttpAnswer>;
  close(): void;
}

const MAX_ANSWER_BYTES = 8 * 1024 * 1024;

/**
 * Plain HTTPS with connections kept open. Whether a call may have arrived decides if a message may be sent again: it can
 * have from the moment the socket stood and the request was written to it.
 */
export function createHttpCaller(): HttpCaller {
  const agents = { http: new HttpAgent({ keepAlive: true }), https: new HttpsAgent({ keepAlive: true }) };
  return {
    call: (call) => callOnce(call, agents),
    close: () => {
      agents.http.destroy();
      agents.https.destroy();
    },
  };
}

function callOnce(
  call: HttpCall,
  agents: { readonly http: HttpAgent; readonly https: HttpsAgent },
): Promise<HttpAnswer> {
  const plain = call.url.protocol === 'http:';
  const { method, headers, signal, body, url } = call;
  return new Promise((resolve, reject) => {
    let connected = false;
    const fail = (error: unknown): void => reject(new GraphSilence(messageOf(error), connected, { cause: error }));
    const sent = (plain ? httpRequest : httpsRequest)(
      url,
      { method, headers, signal, agent: plain ? agents.http : agents.https },
      (response) => void wholeBody(response).then((text) => resolve(answerOf(response, text)), fail),
    );
    sent.on('socket', (socket) => {
      if (!socket.connecting) connected = true;
      else socket.once(plain ? 'connect' : 'secureConnect', () => (connected = true));
    });
    sent.on('error', fail);
    sent.end(body);
  });
}

function answerOf({ statusCode = 0, headers }: IncomingMessage, body: string): HttpAnswer {
  return { status: statusCode, headers, body };
}

async function wholeBody(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_ANSWER_BYTES) {
      response.destroy();
      throw new Error('the answer is too large');
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
