import { request } from 'node:http';

export interface HookAnswer {
  readonly status: number;
  readonly text: string;
}

/** A POST of anybody's. Unlike fetch it hears an answer that comes, and ends the connection, before the body is sent. */
export function postTo(url: string, body: Buffer, headers: Readonly<Record<string, string>>): Promise<HookAnswer> {
  return new Promise((resolve, reject) => {
    const call = request(url, {
      method: 'POST',
      headers: { ...headers, 'content-length': body.length },
      timeout: 30_000,
    });
    call.once('response', (answer) => {
      const chunks: Buffer[] = [];
      answer.on('data', (chunk: Buffer) => chunks.push(chunk));
      answer.once('close', () => resolve({ status: answer.statusCode ?? 0, text: Buffer.concat(chunks).toString() }));
    });
    // After an answer came there is nothing more to hear, and the promise is settled.
    call.once('timeout', () => call.destroy(new Error(`${url} did not answer`)));
    call.on('error', reject);
    call.end(body);
  });
}
