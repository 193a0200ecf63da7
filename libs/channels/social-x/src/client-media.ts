import { get, type Agent } from 'node:https';
import type { IncomingMessage } from 'node:http';
import { fetchGuarded, HttpRefusal, type FetchedMedia } from '@fanin/connector-kit';
import { cutByAny, FaninError, messageOf } from '@fanin/kernel';
import { withAgent, type Detour } from './client-agent.js';

export interface MediaRequest {
  readonly detour: Detour | undefined;
  readonly token: string | undefined;
  readonly maxBytes: number;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/** GETs a file of X. Throws FaninError, HttpRefusal where X answered. */
export async function fetchFile(address: string, request: MediaRequest): Promise<FetchedMedia> {
  const { detour, token, maxBytes, timeoutMs, signal } = request;
  const authorization = token === undefined ? {} : { authorization: `Bearer ${token}` };
  if (detour === undefined) {
    const { content, contentType } = await fetchGuarded(address, { ...authorization, maxBytes, timeoutMs, signal });
    return contentType === undefined ? { content } : { content, contentType };
  }
  // Whatever the address says, the connection goes to the one place that the configuration names.
  try {
    return await cutByAny([signal, AbortSignal.timeout(timeoutMs)], (cut) =>
      withAgent(detour, cut, (agent) => download(address, agent, authorization, maxBytes)),
    );
  } catch (error) {
    if (error instanceof FaninError) throw error;
    throw new FaninError('TRANSIENT', `a file could not be fetched: ${messageOf(error)}`);
  }
}

async function download(
  address: string,
  agent: Agent,
  headers: Readonly<Record<string, string>>,
  maxBytes: number,
): Promise<FetchedMedia> {
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    get(address, { agent, headers: { accept: '*/*', ...headers } }, resolve).on('error', reject);
  });
  const status = response.statusCode ?? 0;
  if (status !== 200) {
    response.destroy();
    throw new HttpRefusal(status, undefined);
  }
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > maxBytes) throw new FaninError('BAD_PAYLOAD', `the file is larger than ${maxBytes} bytes`);
    chunks.push(chunk);
  }
  const contentType = response.headers['content-type']?.split(';')[0]?.trim().toLowerCase();
  const content = Buffer.concat(chunks);
  return contentType === undefined ? { content } : { content, contentType };
}
